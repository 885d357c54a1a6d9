import { describe, expect, it } from '@jest/globals';
import { FairTurnstile } from './fair-turnstile.js';

/** A turnstile whose every work ends when the test says so. */
function trial(most: { inside: number; waiting: number }) {
  const turnstile = new FairTurnstile(most);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    turnstile,
    begun,
    come: (...names: string[]) =>
      names.map((name) =>
        turnstile.pass(name.slice(0, 1), () => {
          begun.push(name);
          return new Promise<string>((resolve) => ends.push(() => resolve(name)));
        }),
      ),
    /** Ends the work that began first. */
    endOne: async () => {
      ends.shift()?.();
      await settle();
    },
    settle,
  };
}

describe('a fair turnstile', () => {
  it('lets so many pass at a time, and one party in the order it came', async () => {
    const { come, begun, endOne, settle } = trial({ inside: 2, waiting: 9 });

    const all = come('a1', 'a2', 'a3', 'a4');
    await settle();
    const first = [...begun];
    for (let rest = 0; rest < 4; rest++) await endOne();

    expect(first).toEqual(['a1', 'a2']);
    expect(begun).toEqual(['a1', 'a2', 'a3', 'a4']);
    expect(await Promise.all(all)).toEqual(begun.map((result) => ({ kind: 'passed', result })));
  });

  it('serves the lines in turn, however long one is', async () => {
    const { come, begun, endOne, settle } = trial({ inside: 1, waiting: 9 });

    void come('a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'c2');
    await settle();
    for (let rest = 0; rest < 7; rest++) await endOne();

    expect(begun).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'c2', 'a4']);
  });

  it('gives a party that comes late its turn before the second of those who waited', async () => {
    const { come, begun, endOne, settle } = trial({ inside: 1, waiting: 9 });
    void come('a1', 'a2', 'a3', 'a4');
    await settle();
    await endOne();

    void come('b1');
    for (let rest = 0; rest < 4; rest++) await endOne();

    expect(begun).toEqual(['a1', 'a2', 'a3', 'b1', 'a4']);
  });

  it('turns away whoever finds the line of their party full, and nobody else', async () => {
    const { turnstile, come, endOne, settle } = trial({ inside: 1, waiting: 2 });
    void come('a1', 'a2', 'a3');
    let worked = false;

    const full = await turnstile.pass('a', () => Promise.resolve((worked = true)));
    const [other] = come('b1');
    for (let rest = 0; rest < 4; rest++) await endOne();
    await settle();
    const [again] = come('a4');
    await settle();
    await endOne();

    expect([full, worked]).toEqual([{ kind: 'full' }, false]);
    expect(await other).toEqual({ kind: 'passed', result: 'b1' });
    expect(await again).toEqual({ kind: 'passed', result: 'a4' });
  });

  it('lets the next one pass when one fails, and has room again for as many as before', async () => {
    const { turnstile, come, begun, endOne, settle } = trial({ inside: 1, waiting: 9 });
    const failing = turnstile.pass('a', () => Promise.reject(new Error('no')));
    void come('a1', 'b1');

    await expect(failing).rejects.toThrow('no');
    await settle();
    const alone = [...begun];
    await endOne();

    expect(alone).toEqual(['a1']);
    expect(begun).toEqual(['a1', 'b1']);
  });
});
