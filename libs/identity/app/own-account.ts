import { AppError } from '#libs/kernel/errors.js';
import { sessionId, type UserId } from '#libs/kernel/ids.js';
import { passwordLimits } from '../domain/sign-in-limits.js';
import { isAlive, type SignInSession } from '../domain/sign-in-session.js';
import type { Person } from '../domain/person.js';
import type { SignedInVisitor } from '../domain/visitor.js';
import type { PasswordHasher } from '../ports/password-hasher.js';
import type { IdentityParts } from './identity-parts.js';
import { sessionLimitsNow } from './session-limits.js';
import { signInFailed } from './sign-in-with-password.js';
import type { ProviderSignOuts } from './provider-sign-outs.js';
import type { SignInThrottle } from './sign-in-throttle.js';

/** What a person does with their own account. */
export class OwnAccount {
  constructor(
    private readonly parts: IdentityParts,
    private readonly throttle: SignInThrottle,
    private readonly hasher: PasswordHasher,
    private readonly signOuts: ProviderSignOuts,
  ) {}

  /** @throws {AppError} unauthenticated when the person is gone */
  async hasPassword(visitor: SignedInVisitor): Promise<boolean> {
    return (await this.person(visitor, visitor.session.personId)).passwordHash !== null;
  }

  /** The person's sessions that still stand, newest first. */
  async sessions(visitor: SignedInVisitor): Promise<readonly SignInSession[]> {
    const now = this.parts.clock.now();
    return this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const limits = await sessionLimitsNow(stores, visitor.tenant);
      const all = await stores.signInSessions.ofPerson(visitor.session.personId);
      return all.filter((session) => isAlive(session, limits, now));
    });
  }

  /**
   * Ends this session, here first.
   * @returns the address at the identity provider that ends its session, too, where the organisation wants that
   */
  async signOut(visitor: SignedInVisitor): Promise<string | null> {
    const session = await this.parts.sessions.run(visitor.tenant.id, ({ signInSessions }) =>
      signInSessions.byId(visitor.session.sessionId),
    );
    await this.end(visitor, visitor.session.sessionId, 'session.end');
    const origin = session?.sso ?? null;
    return origin === null ? null : this.signOuts.urlFor(visitor, origin);
  }

  /** @throws {AppError} not_found when it is none of the person's */
  async revoke(visitor: SignedInVisitor, id: string): Promise<void> {
    if (!(await this.end(visitor, id, 'session.revoke'))) throw new AppError('not_found', 'There is no such session.');
  }

  /** Ends all of the person's sessions but this one; returns how many. */
  async revokeOthers(visitor: SignedInVisitor): Promise<number> {
    const { personId, sessionId: own } = visitor.session;
    const ended = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const others = await stores.signInSessions.revokeAll(personId, own, this.parts.clock.now());
      if (others.length > 0)
        await this.parts.audit.write(stores, visitor, { action: 'session.revoke-others', target: personId });
      return others;
    });
    this.parts.notices.sessions(visitor.tenant.id, { ended: [...ended] });
    return ended.length;
  }

  /**
   * Sets the password and ends the person's other sessions.
   * @throws {AppError} sign_in_failed when the current password is wrong, sign_in_throttled; step_up_required for a first one
   */
  async changePassword(
    visitor: SignedInVisitor,
    given: { current?: string | undefined; password: string },
  ): Promise<void> {
    const limits = passwordLimits(visitor.session.email, visitor.address);
    await this.throttle.admit(visitor, limits, 'password');
    const checked = await this.person(visitor, visitor.session.personId);
    if (checked.passwordHash === null) await this.parts.stepUp.demand(visitor);
    await this.demandCurrent(visitor, checked, given.current);
    const passwordHash = await this.hasher.hash(given.password);
    const ended = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const person = await stores.people.lock(checked.id);
      if (person?.state !== 'active' || person.passwordHash !== checked.passwordHash) throw signInFailed();
      await stores.people.save({ ...person, passwordHash });
      await stores.signInTickets.removeOf(person.id);
      await this.throttle.succeeded(stores, limits);
      await this.parts.audit.write(stores, visitor, { action: 'password.change', target: person.id });
      return stores.signInSessions.revokeAll(person.id, visitor.session.sessionId, this.parts.clock.now());
    });
    this.parts.notices.sessions(visitor.tenant.id, { ended: [...ended] });
  }

  private async demandCurrent(visitor: SignedInVisitor, person: Person, current: string | undefined): Promise<void> {
    if (person.passwordHash === null) return;
    if (await this.hasher.verify(person.passwordHash, current ?? '')) return;
    await this.parts.audit.refuse(visitor.tenant.id, visitor, {
      action: 'password.change',
      target: person.id,
      reason: 'wrong_password',
    });
    throw new AppError('sign_in_failed', 'The current password is not right.', { field: 'current' });
  }

  private async person(visitor: SignedInVisitor, id: UserId): Promise<Person> {
    const person = await this.parts.sessions.run(visitor.tenant.id, ({ people }) => people.byId(id));
    if (person === null) throw new AppError('unauthenticated', 'You are not signed in.');
    return person;
  }

  private async end(visitor: SignedInVisitor, id: string, action: string): Promise<boolean> {
    const target = sessionId(id);
    const isEnded = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const ended = await stores.signInSessions.revoke(visitor.session.personId, target, this.parts.clock.now());
      if (ended) await this.parts.audit.write(stores, visitor, { action, target });
      return ended;
    });
    if (isEnded) this.parts.notices.sessions(visitor.tenant.id, { ended: [target] });
    return isEnded;
  }
}
