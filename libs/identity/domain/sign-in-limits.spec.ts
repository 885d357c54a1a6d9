import { describe, expect, it } from '@jest/globals';
import { addressLimits, passwordLimits, windowOf } from './sign-in-limits.js';

describe('sign-in limits', () => {
  it('count by account and by address', () => {
    expect(passwordLimits('a@acme.example', '10.0.0.1')).toEqual([
      { key: 'account:a@acme.example', limit: 10 },
      { key: 'address:10.0.0.1', limit: 50 },
    ]);
  });

  it.each([
    ['2001:db8:1:2:3:4:5:6', 'address:2001:db8:1:2'],
    ['2001:db8:1:2::9', 'address:2001:db8:1:2'],
    ['2001:0DB8:0001:0002::', 'address:2001:db8:1:2'],
    ['::1', 'address:0:0:0:0'],
  ])('take the network of %s', (address, key) => {
    expect(addressLimits(address)[0]?.key).toBe(key);
  });

  it('start anew every quarter of an hour', () => {
    const { start, end } = windowOf(new Date('2026-05-05T10:29:59.999Z'));

    expect(start.toISOString()).toBe('2026-05-05T10:15:00.000Z');
    expect(end.toISOString()).toBe('2026-05-05T10:30:00.000Z');
  });
});
