import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { costMicroUsd } from './money.js';

describe('the cost of a call', () => {
  it.each([
    ['nothing for nothing', { inputPerMillion: 5, outputPerMillion: 5 }, [0, 0] as const, 0],
    [
      'input and output at their prices',
      { inputPerMillion: 2_000_000, outputPerMillion: 10_000_000 },
      [20, 6] as const,
      100,
    ],
    ['half a millionth as one', { inputPerMillion: 500_000, outputPerMillion: 0 }, [1, 0] as const, 1],
    ['less than half as none', { inputPerMillion: 499_999, outputPerMillion: 0 }, [1, 0] as const, 0],
    [
      'a price and a count beyond what a double holds',
      { inputPerMillion: 999_999_999, outputPerMillion: 0 },
      [100_000_000, 0] as const,
      99_999_999_900,
    ],
  ])('is %s', (_case, price, [prompt, completion], expected) => {
    expect(costMicroUsd(price, prompt, completion)).toBe(expected);
  });

  it('is a whole number that only grows with the tokens', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(1_000_000), fc.nat(1_000_000), (input, output, prompt, completion) => {
        const price = { inputPerMillion: input, outputPerMillion: output };
        const cost = costMicroUsd(price, prompt, completion);

        expect(Number.isSafeInteger(cost)).toBe(true);
        expect(costMicroUsd(price, prompt + 1, completion + 1)).toBeGreaterThanOrEqual(cost);
      }),
    );
  });
});
