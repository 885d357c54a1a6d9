import type { UserId } from '#libs/kernel/ids.js';
import type { RateLimits } from '#libs/tenancy/domain/tenant.js';
import type { Facts } from './rights.js';

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** Of this key alone, beside its organisation's; null: none. */
  readonly limits: RateLimits | null;
  /** Who made it; null for one made on the command line. */
  readonly personId: UserId | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

/** What the text of a key says before anything is looked up. */
export interface PresentedKey {
  /** The tenant's schema name after `t_`. */
  readonly tenantRef: string;
  readonly keyId: string;
  readonly secret: string;
}

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 256 bits in base 62: 62^43 is the first power above 2^256. */
const secretLength = 43;
const keyIdLength = 10;
const form = /^wk_([a-z0-9]{16})_([a-z0-9]{10})_([0-9A-Za-z]{43})$/;

function inBase(bytes: Buffer, base: number, length: number): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (let index = 0; index < length; index++) {
    text = (base62[Number(rest % BigInt(base))] ?? '') + text;
    rest /= BigInt(base);
  }
  return text;
}

/** Ten characters [a-z0-9] from at least 16 random bytes. */
export function keyIdFrom(random: Buffer): string {
  return inBase(random, 36, keyIdLength).toLowerCase();
}

/** The secret part of a key from 32 random bytes. */
export function keySecretFrom(random: Buffer): string {
  return inBase(random, 62, secretLength);
}

/** The start of a key, which tells nothing of its secret. */
export function keyPrefix(schema: string, keyId: string): string {
  return `wk_${schema.slice('t_'.length)}_${keyId}`;
}

/** Reads the text of a key, or null where it has another form. */
export function readKey(presented: string): PresentedKey | null {
  const parts = form.exec(presented);
  const [, tenantRef, keyId, secret] = parts ?? [];
  if (tenantRef === undefined || keyId === undefined || secret === undefined) return null;
  return { tenantRef, keyId, secret };
}

/** What conditions of rights may ask about a key. */
export function keyFacts({ personId }: Pick<ApiKey, 'personId'>): Facts {
  return { personId };
}

/** Whether a key may be used at `now`. */
export function isUsable(key: Pick<ApiKey, 'expiresAt' | 'revokedAt'>, now: Date): boolean {
  return key.revokedAt === null && (key.expiresAt === null || key.expiresAt > now);
}
