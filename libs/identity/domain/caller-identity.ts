import type { SessionId, UserId } from '#libs/kernel/ids.js';
import type { Role } from '#libs/tenancy/domain/role.js';
import type { RateLimits, Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Ability } from './rights.js';

/** A signed-in person, as a session proves it. */
export interface SessionIdentity {
  readonly sessionId: SessionId;
  readonly personId: UserId;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  /** The name of a role that the organisation has made; null for one that every organisation has. */
  readonly roleName: string | null;
  readonly ability: Ability;
  /** When the person last proved who they are. */
  readonly authenticatedAt: Date;
}

/** The holder of an API key. */
export interface KeyIdentity {
  readonly tenant: Tenant;
  readonly keyId: string;
  /** Who made the key, where that person is still there. */
  readonly personId: UserId | null;
  readonly scopes: readonly string[];
  /** Of this key alone, beside its organisation's; null: none. */
  readonly limits: RateLimits | null;
}

/** What a service token proves: which of our apps calls, for which tenant and person. */
export interface ServiceIdentity {
  readonly service: string;
  readonly tenant: Tenant;
  readonly actor: UserId | null;
}
