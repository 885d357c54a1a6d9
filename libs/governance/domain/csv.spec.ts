import { describe, expect, it } from '@jest/globals';
import { csv } from './csv.js';
import { bucketOf, percentile, percentiles } from './usage-figures.js';

describe('CSV', () => {
  it('quotes as RFC 4180 says and ends each row with CRLF', () => {
    expect(csv([['a', 'b,c', 'd"e', 'f\ng', null, -1.5]])).toBe('a,"b,c","d""e","f\ng",,-1.5\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx'])('disarms the formula %j', (formula) => {
    expect(csv([[formula]])).toBe(`'${formula}\r\n`);
  });
});

describe('a percentile', () => {
  it('is null without a sample', () => {
    expect(percentiles(new Map())).toEqual({ p50: null, p95: null, p99: null });
  });

  it('is within five per cent of the exact one', () => {
    const samples = Array.from({ length: 1_000 }, (_, index) => 20 + index * 7);
    const histogram = new Map<number, number>();
    for (const ms of samples) histogram.set(bucketOf(ms), (histogram.get(bucketOf(ms)) ?? 0) + 1);

    for (const share of [0.5, 0.95, 0.99]) {
      const exact = samples[Math.ceil(share * samples.length) - 1] ?? 0;
      expect(Math.abs((percentile(histogram, share) ?? 0) - exact) / exact).toBeLessThan(0.05);
    }
  });
});
