import type { UserId } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { ServiceIdentity } from '../domain/caller-identity.js';

/** Signs the short-lived tokens (EdDSA, at most 5 minutes, one audience) our apps show each other. */
export abstract class ServiceTokenIssuer {
  /** May hand out the same token again while at least a minute of it is left. */
  abstract issue(request: { audience: string; tenant: Tenant; actor: UserId | null }): Promise<string>;
  /** The public keys, current and next, as a JWKS document. */
  abstract jwks(): Promise<{ keys: readonly Record<string, unknown>[] }>;
}

/** Checks service tokens against the issuer's JWKS. */
export abstract class ServiceTokenVerifier {
  /** @throws {AppError} unauthenticated; tenant_moved when the tenant's epoch is another one */
  abstract verify(token: string, audience: string): Promise<ServiceIdentity>;
}
