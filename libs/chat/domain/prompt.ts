import type { Message } from './conversation.js';

export interface PromptMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/**
 * Longest history that is sent, in characters. Four characters are about a token, so this fits a context of
 * 32,000 tokens with room for the answer; older messages are left out, the newest always stay.
 */
const mostCharacters = 96_000;

/**
 * What the model is asked: the system prompt, then as much of the path as fits.
 * @param unfinished the text of an answer to go on with, or null
 */
export function promptOf(
  systemPrompt: string | null,
  path: readonly Message[],
  unfinished: string | null,
): readonly PromptMessage[] {
  const kept: PromptMessage[] = [];
  let room = mostCharacters - (systemPrompt?.length ?? 0) - (unfinished?.length ?? 0);
  for (const message of [...path].reverse()) {
    room -= message.text.length;
    if (room < 0 && kept.length > 0) break;
    if (message.text !== '') kept.unshift({ role: message.role, content: message.text });
  }
  const head: PromptMessage[] =
    systemPrompt === null || systemPrompt === '' ? [] : [{ role: 'system', content: systemPrompt }];
  const tail: PromptMessage[] =
    unfinished === null
      ? []
      : [
          { role: 'assistant', content: unfinished },
          { role: 'user', content: 'Your answer was cut off. Go on exactly where it ends. Repeat nothing.' },
        ];
  return [...head, ...kept, ...tail];
}
