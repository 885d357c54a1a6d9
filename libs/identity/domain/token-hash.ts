import { createHash, timingSafeEqual } from 'node:crypto';

/** Bytes of every secret we hand out: 256 bits cannot be guessed, so a plain hash at rest is enough. */
export const secretBytes = 32;

/** SHA-256 of a secret, as it is kept. */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}

/** Compares two hashes in time that depends on neither. */
export function sameHash(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
