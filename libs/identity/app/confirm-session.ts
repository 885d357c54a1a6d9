import { AppError } from '#libs/kernel/errors.js';
import type { OpenedSession } from '../domain/opened-session.js';
import type { Person } from '../domain/person.js';
import { passwordLimits } from '../domain/sign-in-limits.js';
import { isAlive, type SignInSession } from '../domain/sign-in-session.js';
import type { SignedInVisitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { PasswordHasher } from '../ports/password-hasher.js';
import { confirmWays } from './ask-for-proof.js';
import type { IdentityParts } from './identity-parts.js';
import { sessionLimitsNow } from './session-limits.js';
import type { Opening, SessionOpener } from './session-opener.js';
import type { SignInThrottle } from './sign-in-throttle.js';

/** What a signed-in person shows to prove who they are: one of a kind for each way that is proven here. */
export type GivenProof = { readonly kind: 'password'; readonly password: string };

/** Takes a new proof of who a signed-in person is, and gives their session another token for it. */
export class ConfirmSession {
  constructor(
    private readonly parts: IdentityParts,
    private readonly opener: SessionOpener,
    private readonly throttle: SignInThrottle,
    private readonly hasher: PasswordHasher,
  ) {}

  /**
   * The answer is the same for a wrong password, for one that may not be used here, and for none at all.
   * @throws {AppError} sign_in_failed, sign_in_throttled; unauthenticated when the session is over meanwhile
   */
  async confirm(visitor: SignedInVisitor, proof: GivenProof): Promise<OpenedSession> {
    const { email, personId } = visitor.session;
    await this.throttle.admit(visitor, passwordLimits(email, visitor.address), 'password');
    const { person, mayUse } = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const found = await stores.people.byId(personId);
      const ways = found === null ? [] : await confirmWays(stores, visitor.tenant, found);
      return { person: found, mayUse: ways.includes(proof.kind) };
    });
    // The work is done also where it cannot help, so that its time tells nothing.
    const fits = await this.hasher.verify(mayUse ? (person?.passwordHash ?? null) : null, proof.password);
    if (person === null || !fits) return this.fail(visitor, mayUse ? 'wrong_password' : 'no_password');
    return this.renew(visitor, person, proof);
  }

  private async renew(visitor: SignedInVisitor, checked: Person, proof: GivenProof): Promise<OpenedSession> {
    const opening = await this.parts.sessions.run(visitor.tenant.id, async (stores): Promise<Opening | null> => {
      const person = await stores.people.lock(checked.id);
      if (person?.state !== 'active' || person.passwordHash !== checked.passwordHash) return null;
      const session = await standing(stores, visitor, this.parts.clock.now());
      if (session === null) return null;
      await this.throttle.succeeded(stores, passwordLimits(person.email, visitor.address));
      await this.parts.audit.write(stores, visitor, {
        action: 'session.confirm',
        target: session.id,
        reason: `${session.face}: ${proof.kind}`,
      });
      const authenticatedAt = this.parts.clock.now();
      return this.opener.renew(stores, visitor, person, { session, proof: proof.kind, authenticatedAt, sso: null });
    });
    if (opening === null) throw new AppError('unauthenticated', 'You are not signed in.');
    return this.opener.publish(visitor, opening);
  }

  private async fail(visitor: SignedInVisitor, reason: string): Promise<never> {
    const { sessionId } = visitor.session;
    const entry = { action: 'session.confirm', target: sessionId, reason };
    await this.parts.audit.refuse(visitor.tenant.id, visitor, entry);
    throw new AppError('sign_in_failed', 'This was not accepted.', {
      field: 'password',
      action: 'Check what you typed, and try again.',
    });
  }
}

/** The visitor's session while it stands. */
export async function standing(
  stores: IdentityStores,
  { tenant, session }: SignedInVisitor,
  now: Date,
): Promise<SignInSession | null> {
  const found = await stores.signInSessions.byId(session.sessionId);
  return found !== null && isAlive(found, await sessionLimitsNow(stores, tenant), now) ? found : null;
}
