import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { safeReturnTo } from './return-to.js';

describe('where a sign-in returns to', () => {
  it.each([
    [undefined, '/'],
    ['/c/123?x=1#y', '/c/123?x=1#y'],
    ['https://evil.example/', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['/..//evil.example', '/'],
    ['/.//evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['evil', '/'],
  ])('%j becomes %j', (wanted, expected) => {
    expect(safeReturnTo(wanted)).toBe(expected);
  });

  it('never leaves the origin', () => {
    const tricky = fc.array(
      fc.constantFrom('/', '\\', '.', '..', '@', ':', 'evil.example', '\t', '%2f', '?', '#', 'a'),
    );
    fc.assert(
      fc.property(tricky, (parts) => {
        const url = new URL(safeReturnTo(`/${parts.join('')}`), 'https://acme.example');
        expect(url.origin).toBe('https://acme.example');
      }),
    );
  });
});
