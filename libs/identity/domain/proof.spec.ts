import { describe, expect, it } from '@jest/globals';
import { type Proof, provesTwice } from './proof.js';

describe('two proofs', () => {
  it.each<[string, readonly Proof[], boolean]>([
    ['nothing at all', [], false],
    ['a password alone', ['password'], false],
    ['a one-time link alone', ['link'], false],
    ['the same proof twice', ['password', 'password'], false],
    ['a password and a code of an app', ['password', 'totp'], true],
    ['a link and a recovery code', ['link', 'recovery-code'], true],
    ['a passkey alone', ['passkey'], true],
    ['the identity provider, whose matter it is', ['provider'], true],
  ])('%s', (_case, proofs, expected) => {
    expect(provesTwice(proofs)).toBe(expected);
  });
});
