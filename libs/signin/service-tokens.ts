import { hash } from 'node:crypto';
import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify, SignJWT } from 'jose';
import { ServiceClaims } from '#libs/contracts/router-api.js';
import type { Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import { tenantId, userId } from '#libs/kernel/ids.js';
import type { ServiceIdentity } from '#libs/identity/domain/caller-identity.js';
import {
  ServiceTokenIssuer,
  type ServiceTokenRequest,
  ServiceTokenSigner,
  ServiceTokenVerifier,
} from '#libs/identity/ports/service-tokens.js';
import { isServed } from '#libs/tenancy/domain/tenant.js';
import type { TenantDirectory } from '#libs/tenancy/ports/tenant-directory.js';
import { KeptTokens } from './kept-tokens.js';
import type { SigningKeys } from './signing-keys.js';

/** `iss` of every service token. */
const issuer = 'whisper';
/** Life of a token, in seconds: the most that ServiceClaims allows. */
const lifeSeconds = 300;
/** Verdicts kept in memory. */
const mostKept = 10_000;

/** Signs service tokens with EdDSA. */
export class JwtServiceTokenSigner extends ServiceTokenSigner {
  constructor(
    private readonly keys: SigningKeys,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async sign(service: string, { audience, tenant, actor }: ServiceTokenRequest) {
    const now = this.clock.now();
    const exp = Math.floor(now.getTime() / 1_000) + lifeSeconds;
    const key = await this.keys.signing(now);
    const token = await new SignJWT({ tenant: tenant.id, epoch: tenant.epoch, actor })
      .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: 'JWT' })
      .setIssuer(issuer)
      .setSubject(service)
      .setAudience(audience)
      .setExpirationTime(exp)
      .sign(key.privateKey);
    return { token, expiresAt: new Date(exp * 1_000) };
  }
}

/** Hands out tokens that this very process signs. */
export class JwtServiceTokenIssuer extends ServiceTokenIssuer {
  private readonly signer: JwtServiceTokenSigner;
  private readonly kept: KeptTokens;

  /** @param service which of our apps this is: `chat` or `admin` */
  constructor(
    private readonly service: string,
    private readonly keys: SigningKeys,
    clock: Clock,
  ) {
    super();
    this.signer = new JwtServiceTokenSigner(keys, clock);
    this.kept = new KeptTokens(clock);
  }

  override async issue(request: ServiceTokenRequest): Promise<string> {
    const known = this.kept.find(request);
    if (known !== null) return known.token;
    const signed = await this.signer.sign(this.service, request);
    this.kept.keep(request, signed);
    return signed.token;
  }

  override refused(token: string): void {
    this.kept.drop(token);
  }

  override jwks(): Promise<{ keys: readonly Record<string, unknown>[] }> {
    return Promise.resolve({ keys: this.keys.published().keys.map((key) => ({ ...key })) });
  }
}

/** The keys by which tokens are believed. */
export interface TokenKeys {
  readonly find: JWTVerifyGetKey;
  /** Whether tokens of a key that was found once still count. */
  has(kid: string | undefined): boolean;
}

/**
 * Keys fetched from the issuer's document, at most once in 30 s for an unknown kid. One that was taken back counts
 * until the tokens end that were believed by it.
 */
export function remoteKeys(url: URL): TokenKeys {
  return { find: createRemoteJWKSet(url, { timeoutDuration: 3_000 }), has: () => true };
}

/** Keys of an issuer in this very process or in a file both mount; read anew, so that a rotation shows at once. */
export function localKeys(keys: SigningKeys): TokenKeys {
  return {
    find: (header, token) => createLocalJWKSet(keys.published())(header, token),
    has: (kid) => keys.published().keys.some((key) => key.kid === kid),
  };
}

interface Verified {
  readonly claims: ServiceClaims;
  readonly kid: string | undefined;
}

/**
 * Checks a token once and remembers it by its hash until it expires; that its key still counts, and the tenant's epoch,
 * are checked each time.
 */
export class JwtServiceTokenVerifier extends ServiceTokenVerifier {
  private readonly verified = new Map<string, Verified>();

  constructor(
    private readonly keys: TokenKeys,
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
    if (known !== undefined && known.claims.exp * 1_000 > now.getTime() && this.keys.has(known.kid))
      return known.claims;
    const verified = await this.check(token, audience, now);
    if (this.verified.size >= mostKept) this.verified.clear();
    this.verified.set(name, verified);
    return verified.claims;
  }

  private async check(token: string, audience: string, now: Date): Promise<Verified> {
    try {
      const options = { algorithms: ['EdDSA'], audience, issuer, currentDate: now, requiredClaims: ['exp'] };
      const { payload, protectedHeader } = await jwtVerify(token, this.keys.find, options);
      const claims = ServiceClaims.parse(payload);
      if (claims.exp - now.getTime() / 1_000 > lifeSeconds + 1) throw refused();
      return { claims, kid: protectedHeader.kid };
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
