import { describe, expect, it } from '@jest/globals';
import { conversationId, isId, RandomIds, uuidV7 } from './ids.js';

describe('uuidV7', () => {
  it('keeps the order in which ids were made, also within one millisecond and when the clock steps back', () => {
    const made = [5, 5, 5, 4, 6, 6, 3].map((step) => uuidV7(1_800_000_000_000 + step));

    expect([...made].sort()).toEqual(made);
    expect(made.every(isId)).toBe(true);
  });

  it('does not run out of numbers in one millisecond', () => {
    const made = Array.from({ length: 10_000 }, () => uuidV7(1_900_000_000_000));

    expect(new Set(made).size).toBe(10_000);
    expect([...made].sort()).toEqual(made);
  });
});

describe('ids', () => {
  it('are made only from a lower-case UUID', () => {
    const id = new RandomIds().next();

    expect(conversationId(id)).toBe(id);
    for (const wrong of ['', 'x', id.toUpperCase(), `${id} `, "'; drop table"])
      expect(() => conversationId(wrong)).toThrow('not a conversation id');
  });
});
