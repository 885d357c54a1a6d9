import { describe, expect, it } from '@jest/globals';
import { RandomIds } from '#libs/kernel/ids.js';
import { newRecoveryCode, plainRecoveryCode } from './recovery-code.js';

describe('a recovery code', () => {
  it('is written in groups of four', () => {
    let bytes = 0;
    const code = newRecoveryCode(new RandomIds(), (given) => {
      bytes = given.length;
      return 'ABCDEFGHIJKLMNOP';
    });

    expect(code).toBe('ABCD-EFGH-IJKL-MNOP');
    expect(bytes).toBe(10);
  });

  it.each([
    ['as it was shown', 'ABCD-EFGH-IJKL-MNOB'],
    ['in small letters', 'abcd-efgh-ijkl-mnob'],
    ['with spaces around and within', '  ABCD EFGH IJKL MNOB\n'],
    ['in one piece', 'ABCDEFGHIJKLMNOB'],
    ['with digits read for letters', 'ABCD-EFGH-1JKL-MN08'],
  ])('is the same %s', (_case, typed) => {
    expect(plainRecoveryCode(typed)).toBe('ABCDEFGHIJKLMNOB');
  });
});
