import { describe, expect, it } from '@jest/globals';
import { difference } from './difference.js';

describe('the difference between what we want and what is there', () => {
  it.each([
    ['defaults that the API server added', { a: 1 }, { a: 1, b: 2 }, null],
    ['a field that was changed', { spec: { a: 1 } }, { spec: { a: 2 } }, 'spec.a'],
    ['a field that is gone', { spec: { a: 1 } }, { spec: {} }, 'spec.a'],
    ['an item that was added to a list', { list: [1] }, { list: [1, 2] }, 'list'],
    ['a field within a list', { list: [{ a: 1 }] }, { list: [{ a: 3, b: 1 }] }, 'list[0].a'],
    ['an empty list that was left out', { rules: [] }, {}, null],
    ['an empty object that was left out', { emptyDir: {} }, {}, null],
    ['a quantity in the words of the API server', { cpu: '0.5' }, { cpu: '500m' }, null],
    ['another quantity', { cpu: '0.5' }, { cpu: '600m' }, 'cpu'],
    ['binary suffixes', { memory: '1.5Gi' }, { memory: '1536Mi' }, null],
    ['a text that only looks alike', { name: 'a1' }, { name: 'a01' }, 'name'],
    ['nothing where an object should be', { spec: { a: 1 } }, null, ''],
  ])('%s', (_case, wanted, live, path) => {
    expect(difference(wanted, live)).toBe(path);
  });
});
