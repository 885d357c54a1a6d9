import { describe, expect, it } from '@jest/globals';
import { conversationId, messageId, type MessageId, RandomIds } from '#libs/kernel/ids.js';
import { type Message, pathTo, titleOf } from './conversation.js';
import { promptOf } from './prompt.js';

const ids = new RandomIds();
const conversation = conversationId(ids.next());
function message(parentId: MessageId | null, role: 'user' | 'assistant', text: string): Message {
  return {
    id: messageId(ids.next()),
    conversationId: conversation,
    parentId,
    role,
    text,
    createdAt: new Date(0),
    answer: null,
    feedback: null,
  };
}

describe('titleOf', () => {
  it.each([
    ['the first line', 'How do I sort?\nIn SQL', 'How do I sort?'],
    ['a long line, cut at a word', 'word '.repeat(30), `${'word '.repeat(12).trimEnd()}…`],
    ['a long word, cut hard', 'x'.repeat(100), `${'x'.repeat(60)}…`],
    ['blanks only', ' \n ', '…'],
  ])('takes %s', (_case, text, expected) => {
    expect(titleOf(text)).toBe(expected);
  });
});

describe('pathTo', () => {
  it('follows one branch to its root', () => {
    const root = message(null, 'user', 'a');
    const left = message(root.id, 'assistant', 'b');
    const right = message(root.id, 'assistant', 'c');
    const all = new Map([root, left, right].map((one) => [one.id, one]));

    expect(pathTo(right.id, all).map(({ text }) => text)).toEqual(['a', 'c']);
  });

  it('does not run in a circle', () => {
    const one = message(null, 'user', 'a');
    const two = message(one.id, 'user', 'b');
    const all = new Map([
      [one.id, { ...one, parentId: two.id }],
      [two.id, two],
    ]);

    expect(pathTo(two.id, all).length).toBeLessThan(5);
  });
});

describe('promptOf', () => {
  it('puts the system prompt first and asks to go on with an unfinished answer', () => {
    const prompt = promptOf('Be brief.', [message(null, 'user', 'Hi')], 'Hello wor');

    expect(prompt.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
  });

  it('leaves out the oldest messages when there are too many', () => {
    const long = Array.from({ length: 40 }, (_, index) => message(null, 'user', `${index} ${'x'.repeat(4_000)}`));

    const prompt = promptOf(null, long, null);

    expect(prompt.length).toBeLessThan(30);
    expect(prompt.at(-1)?.content).toMatch(/^39 /);
  });
});
