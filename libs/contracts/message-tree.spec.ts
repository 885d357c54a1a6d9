import { describe, expect, it } from '@jest/globals';
import { activePath, leafUnder, siblingsOf, withMessage } from './message-tree.js';

const node = (id: string, parentId: string | null, minute: number) => ({
  id,
  parentId,
  createdAt: `2026-01-01T00:0${minute}:00Z`,
});
const question = node('question', null, 0);
const first = node('first', 'question', 1);
const second = node('second', 'question', 2);
const follow = node('follow', 'first', 3);
const tree = [question, second, first, follow];

const ids = (messages: readonly { id: string }[]) => messages.map((message) => message.id);

describe('activePath', () => {
  it('walks up from the leaf', () => {
    expect(ids(activePath(tree, 'second'))).toEqual(['question', 'second']);
  });

  it('goes on to the end of the branch', () => {
    expect(ids(activePath(tree, 'first'))).toEqual(['question', 'first', 'follow']);
  });

  it.each([null, 'gone'])('takes the newest branch for leaf %s', (leaf) => {
    expect(ids(activePath(tree, leaf))).toEqual(['question', 'first', 'follow']);
  });

  it('is empty without messages', () => {
    expect(activePath([], null)).toEqual([]);
  });

  it('ends in a broken tree', () => {
    expect(ids(activePath([node('a', 'b', 0), node('b', 'a', 1)], 'a')).toSorted()).toEqual(['a', 'b']);
  });
});

describe('siblingsOf', () => {
  it('lists the branches of a fork, oldest first', () => {
    expect(ids(siblingsOf(tree, second))).toEqual(['first', 'second']);
  });
});

describe('leafUnder', () => {
  it('is the message itself at the end', () => {
    expect(leafUnder(tree, 'second')).toBe('second');
  });
});

describe('withMessage', () => {
  it('replaces by id and adds what is new', () => {
    const changed = { ...second, createdAt: '2026-02-01T00:00:00Z' };

    expect(withMessage(tree, changed)[1]).toBe(changed);
    expect(withMessage(tree, node('new', 'second', 5))).toHaveLength(5);
  });
});
