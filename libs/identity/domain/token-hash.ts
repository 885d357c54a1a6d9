import { hash, timingSafeEqual } from 'node:crypto';

/** Bytes of every secret we hand out: 256 bits cannot be guessed, so a plain hash at rest is enough. */
export const secretBytes = 32;

/** SHA-256 of a secret, as it is kept. */
export function tokenHash(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

/** The same as a text: under which name what is known of a secret is kept in memory. */
export function tokenName(token: string): string {
  return hash('sha256', token, 'base64');
}

/** Compares two hashes in time that depends on neither. */
export function sameHash(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
