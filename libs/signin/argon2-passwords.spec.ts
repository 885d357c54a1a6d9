import { describe, expect, it } from '@jest/globals';
import { Argon2Passwords } from './argon2-passwords.js';

describe('passwords', () => {
  const passwords = new Argon2Passwords('decoy');

  it('are argon2id with the parameters of OWASP', async () => {
    expect(await passwords.hash('correct horse battery')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('fit themselves, in every form of Unicode, and nothing else', async () => {
    const hash = await passwords.hash('caf\u00e9 au lait');

    expect(await passwords.verify(hash, 'cafe\u0301 au lait')).toBe(true);
    expect(await passwords.verify(hash, 'cafe au lait')).toBe(false);
  });

  it('of nobody fit nothing, not even the decoy', async () => {
    expect(await passwords.verify(null, 'decoy')).toBe(false);
  });
});
