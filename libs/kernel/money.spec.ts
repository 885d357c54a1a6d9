import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { microUsd, usdText } from './money.js';

describe('money', () => {
  it.each([
    ['0', 0],
    ['25', 25_000_000],
    ['12.5', 12_500_000],
    ['0.000001', 1],
    ['999999999.999999', 999_999_999_999_999],
  ])('reads %s', (text, micro) => {
    expect(microUsd(text)).toBe(micro);
  });

  it.each(['', '-1', '1e3', '1.', '.5', '1.0000001', '1,5'])('refuses %j', (text) => {
    expect(() => microUsd(text)).toThrow('is not an amount');
  });

  it('gives every amount back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (micro) => microUsd(usdText(micro)) === micro),
    );
  });
});
