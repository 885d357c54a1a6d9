import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { SessionIdentity } from './caller-identity.js';

/** Who calls a use case: the tenant, where the request came from, and the session where there is one. */
export interface Visitor {
  readonly tenant: Tenant;
  /** Host the browser named, without port and without `admin.`. */
  readonly tenantHost: string;
  readonly requestId: string;
  readonly address: string;
  readonly device: string;
  readonly session: SessionIdentity | null;
}

/** A visitor with a session. */
export interface SignedInVisitor extends Visitor {
  readonly session: SessionIdentity;
}
