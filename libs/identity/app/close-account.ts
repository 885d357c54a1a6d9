import type { SessionId } from '#libs/kernel/ids.js';
import type { Person } from '../domain/person.js';
import type { IdentityStores } from '../ports/identity-stores.js';

/** What ended with an account: to be told to every replica once the transaction is through. */
export interface EndedAccess {
  readonly sessions: readonly SessionId[];
  readonly keys: readonly string[];
}

export const nothingEnded: EndedAccess = { sessions: [], keys: [] };

/** Ends every way in that a person has: sessions, keys, open links and sign-ins that are under way. */
export async function closeAccount(stores: IdentityStores, person: Person, now: Date): Promise<EndedAccess> {
  await stores.links.revokeOf(person.id, now);
  await stores.signInTickets.removeOf(person.id);
  return {
    sessions: await stores.signInSessions.revokeAll(person.id, null, now),
    keys: await stores.keys.revokeOf(person.id, now),
  };
}
