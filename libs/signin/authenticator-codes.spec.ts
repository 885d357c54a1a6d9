import { describe, expect, it } from '@jest/globals';
import { AuthenticatorCodes } from './authenticator-codes.js';

const codes = new AuthenticatorCodes();
/** The secret of RFC 6238 appendix B, and the last six of its eight digits. */
const secret = codes.textOf(Buffer.from('12345678901234567890'));
const at = (seconds: number) => new Date(seconds * 1_000);

describe('codes of an authenticator app', () => {
  it('writes secrets as base32 without padding', () => {
    expect(secret).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
    expect(codes.textOf(Buffer.from('12345678901234567'))).not.toContain('=');
  });

  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('knows the code of the RFC at %d s', (seconds, code) => {
    expect(codes.stepOf(secret, code, at(seconds))).toBe(Math.floor(seconds / 30));
  });

  it.each([
    ['of the step before', 59 + 30, 1],
    ['of the step after', 59 - 30, 1],
    ['of two steps before', 59 + 60, null],
    ['of two steps after', 59 - 59 - 30, null],
  ])('takes the code %s by its own number', (_case, seconds, step) => {
    expect(codes.stepOf(secret, '287082', at(seconds))).toBe(step);
  });

  it.each([['287083'], [''], ['28708'], ['2870820'], ['287 082'], ['abcdef']])('refuses %j', (code) => {
    expect(codes.stepOf(secret, code, at(59))).toBeNull();
  });

  it('names issuer and account in the address, whatever they are', () => {
    const address = new URL(codes.address(secret, { issuer: 'Acme & Söhne: GmbH', account: 'ada@acme.example' }));

    expect(address.protocol).toBe('otpauth:');
    expect(address.searchParams.get('issuer')).toBe('Acme & Söhne: GmbH');
    expect(decodeURIComponent(address.pathname)).toContain('ada@acme.example');
    expect(address.searchParams.get('secret')).toBe(secret);
    expect(Object.fromEntries(address.searchParams)).toMatchObject({ algorithm: 'SHA1', digits: '6', period: '30' });
  });
});
