import type { Ids } from '#libs/kernel/ids.js';

/** Recovery codes that are made at a time. */
export const recoveryCodeCount = 10;

/** 80 bits cannot be guessed, so a plain hash at rest is enough; 16 characters can still be typed. */
const recoveryCodeBytes = 10;

/** A code as people read it: groups of four. `textOf` writes base32. */
export function newRecoveryCode(ids: Ids, textOf: (bytes: Uint8Array) => string): string {
  const text = textOf(Buffer.from(ids.secret(recoveryCodeBytes), 'base64url'));
  return text.match(/.{4}/g)?.join('-') ?? text;
}

/** What base32 has no letter for is what somebody has misread. */
const misread: Readonly<Record<string, string>> = { '0': 'O', '1': 'I', '8': 'B' };

/** A code as it is hashed: what people type differs in case, in hyphens, and in what they took a letter for. */
export function plainRecoveryCode(typed: string): string {
  return typed
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, '')
    .replaceAll(/[018]/g, (digit) => misread[digit] ?? digit);
}
