import { describe, expect, it } from '@jest/globals';
import { jsonLines } from './json-lines.js';
import { ObjectCache } from './object-cache.js';

interface Item {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly resourceVersion: string };
  readonly owners: readonly string[];
}

const item = (name: string, owners: readonly string[], resourceVersion = '1'): Item => ({
  metadata: { name, namespace: 'space', resourceVersion },
  owners,
});

describe('object cache', () => {
  it('finds objects by key and by what the indexers say', () => {
    const cache = new ObjectCache<Item>({ owner: (one) => one.owners });
    cache.put(item('a', ['x']));
    cache.put(item('b', ['x', 'y']));

    expect(cache.get('space/a')?.metadata.name).toBe('a');
    expect(cache.byIndex('owner', 'x').map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(cache.byIndex('owner', 'y').map(({ metadata }) => metadata.name)).toEqual(['b']);
    expect(cache.byIndex('owner', 'z')).toEqual([]);
  });

  it('moves an object in the indexes when it changes, and forgets it when it goes', () => {
    const cache = new ObjectCache<Item>({ owner: (one) => one.owners });
    cache.put(item('a', ['x']));

    const before = cache.put(item('a', ['y'], '2'));

    expect(before?.owners).toEqual(['x']);
    expect(cache.byIndex('owner', 'x')).toEqual([]);
    expect(cache.remove('space/a')?.owners).toEqual(['y']);
    expect(cache.byIndex('owner', 'y')).toEqual([]);
    expect([cache.size, cache.remove('space/a')]).toEqual([0, undefined]);
  });
});

describe('lines of JSON', () => {
  it.each([
    ['in one piece', ['{"a":1}\n{"a":2}\n']],
    ['cut anywhere', ['{"a"', ':1}\n{"', 'a":2}', '\n']],
    ['with empty lines', ['\n{"a":1}\n\n', '{"a":2}\n']],
    ['with an end that never came', ['{"a":1}\n{"a":2}\n{"a":']],
  ])('reads values %s', async (_case, pieces) => {
    const seen: unknown[] = [];
    for await (const value of jsonLines(streamOf(pieces))) seen.push(value);

    expect(seen).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('keeps characters whole that were cut in the middle', async () => {
    const bytes = Buffer.from('{"a":"ü€"}\n');
    const pieces = [...bytes].map((byte) => Buffer.from([byte]));
    const seen: unknown[] = [];
    for await (const value of jsonLines(streamOf(pieces))) seen.push(value);

    expect(seen).toEqual([{ a: 'ü€' }]);
  });
});

async function* streamOf(pieces: readonly (string | Buffer)[]) {
  for (const piece of pieces) yield await Promise.resolve(piece);
}
