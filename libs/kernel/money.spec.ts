import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { microUsd, usdText } from './money.js';

describe('money', () => {
  it.each([
    ['25', 25_000_000],
    ['12.50', 12_500_000],
    ['0.000001', 1],
    ['0', 0],
    ['999999999.999999', 999_999_999_999_999],
  ])('reads %s', (text, micro) => {
    expect(microUsd(text)).toBe(micro);
  });

  it.each(['', '-1', '1.', '.5', '1e3', '1.1234567', '1,5', ' 1'])('refuses %j', (text) => {
    expect(() => microUsd(text)).toThrow('must look like');
  });

  it.each([
    [25_000_000, '25'],
    [12_500_000, '12.50'],
    [1, '0.000001'],
    [120_000, '0.12'],
    [123_000, '0.123'],
  ])('writes %d', (micro, text) => {
    expect(usdText(micro)).toBe(text);
  });

  it('loses nothing on the way there and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (micro) => microUsd(usdText(micro)) === micro),
    );
  });
});
