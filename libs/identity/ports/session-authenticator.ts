import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { SessionIdentity } from '../domain/caller-identity.js';

/** Finds the person behind a session cookie. */
export abstract class SessionAuthenticator {
  /**
   * Null for every token that is unknown, expired, revoked, of another face or of another tenant. May answer
   * from memory; a revocation takes effect within 5 s on every replica.
   */
  abstract authenticate(tenant: Tenant, face: 'chat' | 'admin', token: string): Promise<SessionIdentity | null>;
  /** Calls `handler` when a session of the tenant ended, so that its sockets can be closed. */
  abstract onRevoked(handler: (sessionId: string) => void): void;
  /**
   * Calls `handler` when sessions have another token, or other rights: sockets that were opened before have to be
   * opened anew. It gets what tells whether a session is one of them.
   */
  abstract onRenewed(handler: (isConcerned: (session: SessionIdentity) => boolean) => void): void;
  /** Remembers that the person uses the session, where no request tells of it. */
  abstract seen(tenant: Tenant, session: SessionIdentity): Promise<void>;
}
