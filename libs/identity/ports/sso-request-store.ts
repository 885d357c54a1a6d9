import type { SessionId } from '#libs/kernel/ids.js';
import type { SsoChecks } from './sso-connector.js';

/** A sign-in on its way through the identity provider. */
export interface SsoRequest {
  readonly checks: SsoChecks;
  readonly returnTo: string;
  /** The test of a connection that this is part of; null for a sign-in. */
  readonly testId: string | null;
  /** Who was signed in when it set out: a form of another site comes back without the session's cookie. */
  readonly sessionId: SessionId | null;
  /** Whether the provider was asked for a proof that is new: of that very person, where somebody was signed in. */
  readonly isFresh: boolean;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** Sign-ins of one tenant that are under way. Bound to it and to one transaction. */
export abstract class SsoRequestStore {
  abstract add(request: SsoRequest, stateHash: Uint8Array, browserHash: Uint8Array): Promise<void>;
  /** Takes the request out, once; null when it is unknown, expired, taken, or another browser's. */
  abstract take(stateHash: Uint8Array, browserHash: Uint8Array, now: Date): Promise<SsoRequest | null>;
  abstract expire(now: Date): Promise<void>;
}
