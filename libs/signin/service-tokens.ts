import { hash } from 'node:crypto';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
  SignJWT,
} from 'jose';
import { ServiceClaims } from '#libs/contracts/router-api.js';
import type { Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import { tenantId, userId, type UserId } from '#libs/kernel/ids.js';
import type { ServiceIdentity } from '#libs/identity/domain/caller-identity.js';
import { ServiceTokenIssuer, ServiceTokenVerifier } from '#libs/identity/ports/service-tokens.js';
import { isServed, type Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TenantDirectory } from '#libs/tenancy/ports/tenant-directory.js';
import type { SigningKeys } from './signing-keys.js';

/** `iss` of every service token. */
const issuer = 'whisper';
/** Life of a token, in seconds: the most that ServiceClaims allows. */
const lifeSeconds = 300;
/** A token with less than this left is not handed out again, in ms. */
const leastLeftMs = 60_000;
/** Tokens kept in memory; each is under 1 kB. */
const mostKept = 10_000;

/** Signs service tokens with EdDSA. */
export class JwtServiceTokenIssuer extends ServiceTokenIssuer {
  private readonly issued = new Map<string, { readonly token: string; readonly expiresAt: number }>();

  /** @param service which of our apps this is: `chat` or `admin` */
  constructor(
    private readonly service: string,
    private readonly keys: SigningKeys,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async issue(request: { audience: string; tenant: Tenant; actor: UserId | null }): Promise<string> {
    const { audience, tenant, actor } = request;
    const now = this.clock.now();
    const name = [audience, tenant.id, tenant.epoch, actor ?? ''].join(' ');
    const known = this.issued.get(name);
    if (known !== undefined && known.expiresAt - now.getTime() >= leastLeftMs) return known.token;
    const expiresAt = Math.floor(now.getTime() / 1_000) + lifeSeconds;
    const token = await this.sign(
      { aud: audience, exp: expiresAt, tenant: tenant.id, epoch: tenant.epoch, actor },
      now,
    );
    if (this.issued.size >= mostKept) this.issued.clear();
    this.issued.set(name, { token, expiresAt: expiresAt * 1_000 });
    return token;
  }

  override jwks(): Promise<{ keys: readonly Record<string, unknown>[] }> {
    return Promise.resolve({ keys: this.keys.published().keys.map((key) => ({ ...key })) });
  }

  private async sign(claims: JWTPayload & { actor: UserId | null }, now: Date): Promise<string> {
    const key = await this.keys.signing(now);
    return new SignJWT({ ...claims, iss: issuer, sub: this.service })
      .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: 'JWT' })
      .sign(key.privateKey);
  }
}

/** Keys fetched from the issuer's document, at most once in 30 s for an unknown kid. */
export function remoteKeys(url: URL): JWTVerifyGetKey {
  return createRemoteJWKSet(url, { timeoutDuration: 3_000 });
}

/** Keys of an issuer in this very process or in a file both mount; read anew, so that a rotation shows at once. */
export function localKeys(issuerOfKeys: Pick<ServiceTokenIssuer, 'jwks'>): JWTVerifyGetKey {
  return async (header, token) => {
    const { keys } = await issuerOfKeys.jwks();
    return createLocalJWKSet({ keys: [...keys] } as JSONWebKeySet)(header, token);
  };
}

interface Verified {
  readonly claims: ServiceClaims;
  readonly expiresAt: number;
}

/** Checks a token once and remembers it by its hash until it expires; the tenant's epoch is checked each time. */
export class JwtServiceTokenVerifier extends ServiceTokenVerifier {
  private readonly verified = new Map<string, Verified>();

  constructor(
    private readonly keys: JWTVerifyGetKey,
    private readonly directory: TenantDirectory,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async verify(token: string, audience: string): Promise<ServiceIdentity> {
    const claims = await this.claimsOf(token, audience);
    const tenant = await this.directory.byId(tenantId(claims.tenant));
    if (tenant === null || !isServed(tenant)) throw refused();
    if (tenant.epoch !== claims.epoch) throw new AppError('tenant_moved', 'The organisation has just moved.');
    return { service: claims.sub, tenant, actor: claims.actor === null ? null : userId(claims.actor) };
  }

  private async claimsOf(token: string, audience: string): Promise<ServiceClaims> {
    const now = this.clock.now();
    const name = hash('sha256', `${audience}\0${token}`, 'base64url');
    const known = this.verified.get(name);
    if (known !== undefined && known.expiresAt > now.getTime()) return known.claims;
    const claims = await this.check(token, audience, now);
    if (this.verified.size >= mostKept) this.verified.clear();
    this.verified.set(name, { claims, expiresAt: claims.exp * 1_000 });
    return claims;
  }

  private async check(token: string, audience: string, now: Date): Promise<ServiceClaims> {
    try {
      const options = { algorithms: ['EdDSA'], audience, issuer, currentDate: now, requiredClaims: ['exp'] };
      const { payload } = await jwtVerify(token, this.keys, options);
      const claims = ServiceClaims.parse(payload);
      if (claims.exp - now.getTime() / 1_000 > lifeSeconds + 1) throw refused();
      return claims;
    } catch (error) {
      if (error instanceof errors.JWKSTimeout) {
        throw new AppError('interrupted', 'The keys of service tokens could not be read.', { cause: error });
      }
      throw refused(error);
    }
  }
}

function refused(cause?: unknown): AppError {
  return new AppError('unauthenticated', 'The service token is not valid here.', { cause });
}
