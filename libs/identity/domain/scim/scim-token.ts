import { tokenHash } from '../token-hash.js';

/** A credential of the organisation's directory. */
export interface ScimToken {
  readonly id: string;
  readonly name: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

const form = /^ws_([a-z0-9]{16})_([a-z0-9]{10})_([0-9A-Za-z]{43})$/;

/** The start of a token, which tells nothing of its secret. */
export function scimTokenPrefix(schema: string, id: string): string {
  return `ws_${schema.slice('t_'.length)}_${id}`;
}

/** Reads `Authorization: Bearer <token>`; null where there is none of our form, or it is another tenant's. */
export function readScimToken(
  authorization: string | undefined,
  schema: string,
): { readonly id: string; readonly secretHash: Buffer } | null {
  const [, presented = ''] = /^Bearer\s+(\S+)$/i.exec(authorization ?? '') ?? [];
  const [, ref, id, secret] = form.exec(presented) ?? [];
  if (id === undefined || secret === undefined || `t_${ref}` !== schema) return null;
  return { id, secretHash: tokenHash(secret) };
}

/** Whether the token may be used at `now`. */
export function isTokenUsable(token: ScimToken, now: Date): boolean {
  return token.revokedAt === null && token.expiresAt > now;
}
