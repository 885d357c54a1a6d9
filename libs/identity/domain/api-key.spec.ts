import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isUsable, keyIdFrom, keyPrefix, keySecretFrom, readKey } from './api-key.js';

describe('an API key', () => {
  it('reads back what was written, for every random input', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (id, random) => {
          const keyId = keyIdFrom(Buffer.from(id));
          const secret = keySecretFrom(Buffer.from(random));
          const read = readKey(`${keyPrefix('t_abcdefghij012345', keyId)}_${secret}`);
          expect(read).toEqual({ tenantRef: 'abcdefghij012345', keyId, secret });
        },
      ),
    );
  });

  it('loses none of the 256 bits', () => {
    expect(keySecretFrom(Buffer.alloc(32, 0xff))).not.toBe(keySecretFrom(Buffer.alloc(32, 0xfe)));
    expect(keySecretFrom(Buffer.concat([Buffer.from([0x80]), Buffer.alloc(31)]))).not.toBe(
      keySecretFrom(Buffer.alloc(32)),
    );
  });

  it.each(['', 'sk-123', 'wk_short_abcdefghij_x', `wk_${'a'.repeat(16)}_${'b'.repeat(10)}_${'c'.repeat(42)}`])(
    'does not take %j for a key',
    (text) => {
      expect(readKey(text)).toBeNull();
    },
  );

  it('takes no key with a line break after it', () => {
    const key = `wk_${'a'.repeat(16)}_${'b'.repeat(10)}_${keySecretFrom(randomBytes(32))}`;

    expect(readKey(key)).not.toBeNull();
    expect(readKey(`${key}\n`)).toBeNull();
  });

  it('ends with its expiry and its revocation', () => {
    const now = new Date('2026-01-02T00:00:00Z');

    expect(isUsable({ expiresAt: null, revokedAt: null }, now)).toBe(true);
    expect(isUsable({ expiresAt: now, revokedAt: null }, now)).toBe(false);
    expect(isUsable({ expiresAt: null, revokedAt: now }, now)).toBe(false);
  });
});
