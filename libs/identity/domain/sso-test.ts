import type { SsoProfile } from '#libs/tenancy/domain/sso-profile.js';
import type { Role } from '#libs/tenancy/domain/role.js';

/** What a test sign-in has shown: what was received, and what it would have led to. */
export interface SsoTestOutcome {
  readonly isSuccess: boolean;
  /** Why it failed or would be refused; null where somebody would get in. */
  readonly reason: string | null;
  readonly email: string | null;
  readonly name: string | null;
  readonly groups: readonly string[];
  /** The role it would give; null where nobody would get in. */
  readonly role: Role | null;
  /** The claims or attributes as the provider sent them. */
  readonly received: Readonly<Record<string, unknown>>;
}

/** A test of a connection that is not in force yet: one sign-in through it, which opens no session. */
export interface SsoTest {
  readonly id: string;
  readonly profile: SsoProfile;
  readonly createdBy: string;
  readonly createdAt: Date;
  /** The browser has to set out before this. */
  readonly beginsBefore: Date;
  /** When what it has shown is forgotten. */
  readonly expiresAt: Date;
  readonly outcome: SsoTestOutcome | null;
}
