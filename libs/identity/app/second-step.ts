import { AppError } from '#libs/kernel/errors.js';
import type { OpenedSession } from '../domain/opened-session.js';
import type { Person } from '../domain/person.js';
import type { GivenFactor, SecondFactor } from '../domain/proof.js';
import { addressLimits, type AttemptLimit, factorLimits } from '../domain/sign-in-limits.js';
import { type SignInTicket, stillHolds, type TicketPurpose } from '../domain/sign-in-ticket.js';
import { tokenHash } from '../domain/token-hash.js';
import type { Visitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { AppSetup, AuthenticatorApps, SetupProof } from './authenticator-apps.js';
import type { IdentityParts } from './identity-parts.js';
import type { RecoveryCodes } from './recovery-codes.js';
import type { SecondFactors } from './second-factors.js';
import type { Opening, SessionOpener } from './session-opener.js';
import type { SignInThrottle } from './sign-in-throttle.js';

/** What a second step works with. */
export interface SecondStepParts {
  readonly opener: SessionOpener;
  readonly throttle: SignInThrottle;
  readonly factors: SecondFactors;
  readonly apps: AuthenticatorApps;
  readonly recovery: RecoveryCodes;
}

/** A session whose person has just set a second factor up, and the codes for when it is lost. */
export interface Enrolled {
  readonly opened: OpenedSession;
  /** Shown once. */
  readonly recoveryCodes: readonly string[];
}

interface Waiting {
  readonly ticket: SignInTicket;
  readonly person: Person;
}

/** How a step ends: with something, or for a reason that only the audit log tells. */
type Ended<Value> =
  { readonly kind: 'done'; readonly value: Value } | { readonly kind: 'wrong' | 'over'; readonly reason: string };

/** The second step of a sign-in: a second factor is shown, or set up. No session opens before it is done. */
export class SecondStep {
  constructor(
    private readonly parts: IdentityParts,
    private readonly use: SecondStepParts,
  ) {}

  /**
   * Of two uses of one code at the same time exactly one succeeds.
   * @throws {AppError} second_factor_failed, sign_in_expired, sign_in_throttled
   */
  async show(visitor: Visitor, token: string, given: GivenFactor): Promise<OpenedSession> {
    const opening = await this.step(visitor, { token, purpose: 'second-factor' }, async (stores, waiting) => {
      const { factors } = this.use;
      const fits = await factors.prove(stores, visitor.tenant.id, waiting.person.id, given);
      if (!fits) return { kind: 'wrong', reason: `wrong_or_used_${given.kind.replace('-', '_')}` };
      return { kind: 'done', value: await this.open(stores, visitor, waiting, given.kind) };
    });
    return this.use.opener.publish(visitor, opening);
  }

  /** @throws {AppError} sign_in_expired */
  async beginApp(visitor: Visitor, token: string): Promise<AppSetup> {
    const { person } = await this.waiting(visitor, token, 'enrol');
    return this.use.apps.begin(visitor.tenant, person);
  }

  /** @throws {AppError} second_factor_failed, sign_in_expired, sign_in_throttled, conflict for a set-up that has run out */
  async enrolApp(visitor: Visitor, token: string, proof: SetupProof): Promise<Enrolled> {
    const { opening, recoveryCodes } = await this.step(
      visitor,
      { token, purpose: 'enrol' },
      async (stores, waiting): Promise<Ended<{ opening: Opening; recoveryCodes: readonly string[] }>> => {
        const { id } = waiting.person;
        // Somebody with a factor shows it: the first proof alone must not put another one in its place.
        if ((await this.use.factors.ways(stores, id)).length > 0)
          return { kind: 'over', reason: 'has_a_second_factor_meanwhile' };
        if (!(await this.use.apps.confirm(stores, visitor.tenant.id, id, proof)))
          return { kind: 'wrong', reason: 'wrong_totp' };
        await this.parts.audit.write(stores, visitor, {
          action: 'totp.add',
          target: id,
          actor: { kind: 'person', id, name: waiting.person.email },
        });
        const recoveryCodes = await this.use.recovery.renew(stores, id);
        return { kind: 'done', value: { opening: await this.open(stores, visitor, waiting, 'totp'), recoveryCodes } };
      },
    );
    return { opened: this.use.opener.publish(visitor, opening), recoveryCodes };
  }

  private async step<Value>(
    visitor: Visitor,
    { token, purpose }: { readonly token: string; readonly purpose: TicketPurpose },
    judge: (stores: IdentityStores, waiting: Waiting) => Promise<Ended<Value>>,
  ): Promise<Value> {
    const { person, ticket } = await this.waiting(visitor, token, purpose);
    const limits = factorLimits(person.email, visitor.address);
    await this.use.throttle.admit(visitor, limits, ticket.method);
    const ended = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const now = await this.taken(stores, token, person, purpose);
      if (now.kind !== 'done') return now;
      const judged = await judge(stores, now.value);
      if (judged.kind === 'done') await this.succeeded(stores, person, limits);
      return judged;
    });
    return ended.kind === 'done' ? ended.value : this.fail(visitor, { person, ticket }, ended);
  }

  /** One try of the ticket, whose person may still go on. The person is locked first, as by all who end tickets. */
  private async taken(
    stores: IdentityStores,
    token: string,
    { id }: Person,
    purpose: TicketPurpose,
  ): Promise<Ended<Waiting>> {
    const person = await stores.people.lock(id);
    const ticket = await stores.signInTickets.take(tokenHash(token), this.parts.clock.now());
    if (person === null || ticket?.purpose !== purpose) return { kind: 'over', reason: 'expired_used_or_out_of_tries' };
    if (!stillHolds(ticket, person)) return { kind: 'over', reason: 'person_disabled_or_password_changed' };
    return { kind: 'done', value: { ticket, person } };
  }

  private async succeeded(stores: IdentityStores, person: Person, limits: readonly AttemptLimit[]): Promise<void> {
    await stores.signInTickets.removeOf(person.id);
    await this.use.throttle.succeeded(stores, limits);
  }

  private open(
    stores: IdentityStores,
    visitor: Visitor,
    { ticket, person }: Waiting,
    shown: SecondFactor,
  ): Promise<Opening> {
    const { method, proofs } = ticket;
    return this.use.opener.open(stores, visitor, person, { face: 'chat', method, proofs: [...proofs, shown] });
  }

  /** Who holds the ticket, without a try of it. */
  private async waiting(visitor: Visitor, token: string, purpose: TicketPurpose): Promise<Waiting> {
    const found = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const ticket = await stores.signInTickets.find(tokenHash(token), this.parts.clock.now());
      const person = ticket?.purpose === purpose ? await stores.people.byId(ticket.personId) : null;
      return ticket === null || person === null ? null : { ticket, person };
    });
    if (found !== null) return found;
    await this.use.throttle.admit(visitor, addressLimits(visitor.address), 'password');
    return this.fail(visitor, null, { kind: 'over', reason: 'unknown_expired_or_out_of_tries' });
  }

  private async fail(
    visitor: Visitor,
    who: Waiting | null,
    { kind, reason }: { readonly kind: 'wrong' | 'over'; readonly reason: string },
  ): Promise<never> {
    this.parts.telemetry.signIn(who?.ticket.method ?? 'password', 'refused');
    await this.parts.audit.refuse(visitor.tenant.id, visitor, {
      action: 'session.create',
      target: who?.person.email ?? null,
      reason: `second step: ${reason}`,
    });
    throw kind === 'wrong' ? secondFactorFailed() : signInExpired();
  }
}

/** One text for every reason. */
export function secondFactorFailed(): AppError {
  return new AppError('second_factor_failed', 'This code is not right.', { field: 'code' });
}

function signInExpired(): AppError {
  return new AppError('sign_in_expired', 'This sign-in has run out.');
}
