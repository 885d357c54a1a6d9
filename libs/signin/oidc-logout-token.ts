import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import { z } from 'zod';
import type { LogoutOrder } from '#libs/identity/ports/oidc-connector.js';

/** Longest life and greatest age of a logout token, in seconds; providers give two minutes. */
const mostSeconds = 600;
/** How far the provider's clock may be off, in seconds. */
const skewSeconds = 30;
const event = 'http://schemas.openid.net/event/backchannel-logout';
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

const LogoutClaims = z
  .object({
    iat: z.number(),
    exp: z.number(),
    jti: z.string().min(1).max(512),
    sub: z.string().min(1).max(512).optional(),
    sid: z.string().min(1).max(512).optional(),
    events: z.object({ [event]: z.object({}) }),
    nonce: z.undefined().optional(),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined, { message: 'names neither sub nor sid' });

/** Where a logout token has to come from. */
export interface LogoutIssuer {
  readonly issuer: string;
  readonly clientId: string;
  readonly jwksUri: string;
  readonly fetch: typeof fetch;
  readonly now: Date;
}

/**
 * Checks a logout token as OpenID Connect Back-Channel Logout 1.0 section 2.6 asks.
 * @throws {Error} that says what is wrong with it
 */
export async function readLogoutToken(from: LogoutIssuer, token: string): Promise<LogoutOrder> {
  const keys = createRemoteJWKSet(new URL(from.jwksUri), { timeoutDuration: 5_000, [customFetch]: from.fetch });
  const { payload } = await jwtVerify(token, keys, {
    algorithms,
    typ: 'logout+jwt',
    issuer: from.issuer,
    audience: from.clientId,
    clockTolerance: skewSeconds,
    maxTokenAge: mostSeconds,
    currentDate: from.now,
    requiredClaims: ['iat', 'exp', 'jti', 'events'],
  });
  const claims = LogoutClaims.safeParse(payload);
  if (!claims.success) throw new TypeError(`the claims do not fit: ${z.prettifyError(claims.error)}`);
  const { sub, sid, jti, exp, iat } = claims.data;
  if (exp - iat > mostSeconds) throw new TypeError('the logout token lives too long');
  return {
    subject: sub ?? null,
    providerSession: sid ?? null,
    tokenId: jti,
    expiresAt: new Date((exp + skewSeconds) * 1_000),
  };
}
