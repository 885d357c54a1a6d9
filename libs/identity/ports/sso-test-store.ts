import type { SsoTest, SsoTestOutcome } from '../domain/sso-test.js';

/** Tests of connections. Bound to one tenant and one transaction. */
export abstract class SsoTestStore {
  abstract add(test: SsoTest, ticketHash: Uint8Array): Promise<void>;
  abstract byId(id: string): Promise<SsoTest | null>;
  /** Takes the ticket, once; null when it is unknown, expired or taken. */
  abstract begin(ticketHash: Uint8Array, now: Date): Promise<SsoTest | null>;
  abstract finish(id: string, outcome: SsoTestOutcome): Promise<void>;
  abstract expire(now: Date): Promise<void>;
}
