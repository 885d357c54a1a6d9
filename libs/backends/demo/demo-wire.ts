import type { DemoRequest } from './demo-request.js';

/** The demo has no clock: the same question has the same answer, byte for byte. */
const created = 0;
const id = 'chatcmpl-demo';

/** A chunk of OpenAI's stream. */
export function chunkEvent(request: DemoRequest, delta: { content?: string }, finishReason: string | null): Buffer {
  const choices = [{ index: 0, delta, finish_reason: finishReason }];
  return event({ id, object: 'chat.completion.chunk', created, model: request.model, choices });
}

/** The last chunk, with the counted words for tokens. */
export function usageEvent(request: DemoRequest, words: number): Buffer {
  const body = { id, object: 'chat.completion.chunk', created, model: request.model, choices: [] };
  return event({ ...body, usage: usage(request, words) });
}

/** The whole answer as one document. */
export function completionReply(request: DemoRequest, text: string): Buffer {
  const message = { role: 'assistant', content: text };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  const words = (text.match(/\S+/g) ?? []).length;
  const body = { id, object: 'chat.completion', created, model: request.model, choices };
  return Buffer.from(JSON.stringify({ ...body, usage: usage(request, words) }));
}

function usage({ promptWords }: DemoRequest, words: number) {
  return { prompt_tokens: promptWords, completion_tokens: words, total_tokens: promptWords + words };
}

function event(body: object): Buffer {
  return Buffer.from(`data: ${JSON.stringify(body)}\n\n`);
}
