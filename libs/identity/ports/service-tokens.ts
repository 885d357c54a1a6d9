import type { UserId } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { ServiceIdentity } from '../domain/caller-identity.js';

/** What a service token is to be good for. */
export interface ServiceTokenRequest {
  readonly audience: string;
  readonly tenant: Tenant;
  readonly actor: UserId | null;
}

/** Hands out the short-lived tokens (EdDSA, at most 5 minutes, one audience) our apps show each other. */
export abstract class ServiceTokenIssuer {
  /**
   * May hand out the same token again while at least a minute of it is left.
   * @param signal ends the wait, where the token has to be fetched
   * @throws {AppError} backend_unavailable when nobody gives one in time; tenant_moved
   */
  abstract issue(request: ServiceTokenRequest, signal?: AbortSignal): Promise<string>;
  /** The audience did not believe the token: it is not handed out again. */
  abstract refused(token: string): void;
  /** The public keys, current and next, as a JWKS document. */
  abstract jwks(): Promise<{ keys: readonly Record<string, unknown>[] }>;
}

/** Signs service tokens for whoever has proven who he is. */
export abstract class ServiceTokenSigner {
  /** A new token each time, with its whole life before it. @param service which of our apps will show it */
  abstract sign(
    service: string,
    request: ServiceTokenRequest,
  ): Promise<{ readonly token: string; readonly expiresAt: Date }>;
}

/** Checks service tokens against the issuer's JWKS. */
export abstract class ServiceTokenVerifier {
  /** @throws {AppError} unauthenticated; tenant_moved when the tenant's epoch is another one */
  abstract verify(token: string, audience: string): Promise<ServiceIdentity>;
}
