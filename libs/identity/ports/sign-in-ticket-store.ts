import type { UserId } from '#libs/kernel/ids.js';
import type { SignInTicket } from '../domain/sign-in-ticket.js';

/** Sign-ins of one tenant that wait for their second step. Bound to that tenant and to one transaction. */
export abstract class SignInTicketStore {
  abstract add(ticket: SignInTicket, tokenHash: Uint8Array): Promise<void>;
  /** The ticket while it stands and has tries left. */
  abstract find(tokenHash: Uint8Array, now: Date): Promise<SignInTicket | null>;
  /**
   * The same, with one try less, and nobody else has it until this transaction ends. A try is counted before it is
   * judged, so that parallel ones cannot pass the limit together.
   */
  abstract take(tokenHash: Uint8Array, now: Date): Promise<SignInTicket | null>;
  /** Ends every sign-in of the person that waits. */
  abstract removeOf(person: UserId): Promise<void>;
  abstract expire(now: Date): Promise<void>;
}
