import { describe, expect, it } from '@jest/globals';
import { Turnstile } from './turnstile.js';

describe('a turnstile', () => {
  it('lets so many pass at a time, in the order they came', async () => {
    const turnstile = new Turnstile(2);
    const done: number[] = [];
    let inside = 0;
    let most = 0;
    const work = (name: number) => async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      done.push(name);
    };

    await Promise.all([1, 2, 3, 4, 5].map((name) => turnstile.pass(work(name))));

    expect([most, done]).toEqual([2, [1, 2, 3, 4, 5]]);
  });

  it('lets the next one pass when one fails', async () => {
    const turnstile = new Turnstile(1);
    const failing = turnstile.pass(() => Promise.reject(new Error('no')));
    const next = turnstile.pass(() => Promise.resolve('through'));

    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('through');
  });
});
