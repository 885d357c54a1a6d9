import { hash } from 'node:crypto';
import type { UserId } from '#libs/kernel/ids.js';
import type { Person } from './person.js';
import type { Proof } from './proof.js';
import type { SignInMethod } from './sign-in-session.js';

/** What a sign-in waits for: a second factor, or that the person sets one up. */
export type TicketPurpose = 'second-factor' | 'enrol';

/** A sign-in after its first step. Who holds its token has shown `proofs` to be this person, and is not in yet. */
export interface SignInTicket {
  readonly personId: UserId;
  readonly purpose: TicketPurpose;
  readonly method: SignInMethod;
  readonly proofs: readonly Proof[];
  /** The password at the time of the first step: another one ends the sign-in. */
  readonly passwordMark: Uint8Array;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** How long a sign-in waits, in ms: enough to install an app on a phone, too short to be kept for later. */
export const ticketLifetimeMs = 10 * 60_000;

/** Wrong codes of one ticket: who mistypes more often begins anew. */
export const ticketTries = 5;

/** Names a person's password without being it. */
export function passwordMark({ passwordHash }: Pick<Person, 'passwordHash'>): Buffer {
  return hash('sha256', passwordHash ?? '', 'buffer');
}
