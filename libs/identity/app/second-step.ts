import type { NewPasskeyOptions, PasskeyOptions } from '#libs/contracts/passkey-api.js';
import { AppError } from '#libs/kernel/errors.js';
import type { OpenedSession } from '../domain/opened-session.js';
import type { Person } from '../domain/person.js';
import type { FactorWay, SecondFactor } from '../domain/proof.js';
import { addressLimits, type AttemptLimit, factorLimits } from '../domain/sign-in-limits.js';
import { type SignInTicket, stillHolds, type TicketPurpose } from '../domain/sign-in-ticket.js';
import { tokenHash } from '../domain/token-hash.js';
import type { Visitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { AppSetup, AuthenticatorApps, SetupProof } from './authenticator-apps.js';
import { heldFactors } from './held-factors.js';
import type { IdentityParts } from './identity-parts.js';
import type { RecoveryCodes } from './recovery-codes.js';
import { type GivenPasskey, passkeyFailed, type PasskeyMaking } from './passkey-making.js';
import type { PasskeyProof } from './passkey-proof.js';
import type { GivenFactor, SecondFactors } from './second-factors.js';
import type { Opening, SessionOpener } from './session-opener.js';
import type { SignInThrottle } from './sign-in-throttle.js';

/** What a second step works with. */
export interface SecondStepParts {
  readonly opener: SessionOpener;
  readonly throttle: SignInThrottle;
  readonly factors: SecondFactors;
  readonly apps: AuthenticatorApps;
  readonly recovery: RecoveryCodes;
  readonly passkeys: PasskeyProof;
  readonly making: PasskeyMaking;
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
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'over'; readonly reason: string }
  | { readonly kind: 'wrong'; readonly by: SecondFactor; readonly reason: string };

/** The second step of a sign-in: a second factor is shown, or set up. No session opens before it is done. */
export class SecondStep {
  constructor(
    private readonly parts: IdentityParts,
    private readonly use: SecondStepParts,
  ) {}

  /**
   * Of two uses of one code at the same time exactly one succeeds.
   * @throws {AppError} second_factor_failed, passkey_failed, sign_in_expired, sign_in_throttled
   */
  async show(visitor: Visitor, token: string, given: GivenFactor): Promise<OpenedSession> {
    const opening = await this.step(visitor, { token, purpose: 'second-factor' }, async (stores, waiting) => {
      const asked = { purpose: 'second-factor', personId: waiting.person.id } as const;
      const reason = await this.use.factors.prove(stores, visitor, asked, given);
      if (reason !== null) return { kind: 'wrong', by: given.kind, reason };
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
  enrolApp(visitor: Visitor, token: string, proof: SetupProof): Promise<Enrolled> {
    return this.enrol(visitor, token, 'totp', async (stores, { id }) =>
      (await this.use.apps.confirm(stores, visitor.tenant.id, id, proof)) ? null : 'wrong_totp',
    );
  }

  /**
   * What to ask a passkey as the second factor.
   * @throws {AppError} sign_in_expired, conflict where none of the person's works at this host
   */
  async askPasskey(visitor: Visitor, token: string): Promise<PasskeyOptions> {
    const { person } = await this.waiting(visitor, token, 'second-factor');
    return this.use.passkeys.ask(visitor, 'second-factor', person.id);
  }

  /** @throws {AppError} sign_in_expired */
  async beginPasskey(visitor: Visitor, token: string): Promise<NewPasskeyOptions> {
    const { person } = await this.waiting(visitor, token, 'enrol');
    return this.parts.sessions.run(visitor.tenant.id, (stores) => this.use.making.begin(stores, visitor, person));
  }

  /** @throws {AppError} passkey_failed, sign_in_expired, sign_in_throttled */
  enrolPasskey(visitor: Visitor, token: string, given: GivenPasskey): Promise<Enrolled> {
    return this.enrol(visitor, token, 'passkey', async (stores, person) => {
      const passkey = await this.use.making.keep(stores, visitor, person, given);
      return typeof passkey === 'string' ? passkey : null;
    });
  }

  /** @param keep says why not, or null when the factor was kept */
  private async enrol(
    visitor: Visitor,
    token: string,
    way: FactorWay,
    keep: (stores: IdentityStores, person: Person) => Promise<string | null>,
  ): Promise<Enrolled> {
    type Value = { readonly opening: Opening; readonly recoveryCodes: readonly string[] };
    const judge = async (stores: IdentityStores, waiting: Waiting): Promise<Ended<Value>> => {
      const { id, email } = waiting.person;
      // Somebody with a factor shows it: the first proof alone must not put another one in its place.
      if ((await heldFactors(stores, id)).length > 0) return { kind: 'over', reason: 'has_a_second_factor_meanwhile' };
      const reason = await keep(stores, waiting.person);
      if (reason !== null) return { kind: 'wrong', by: way, reason };
      const actor = { kind: 'person', id, name: email } as const;
      await this.parts.audit.write(stores, visitor, { action: `${way}.add`, target: id, actor });
      const recoveryCodes = await this.use.recovery.renew(stores, id);
      return { kind: 'done', value: { opening: await this.open(stores, visitor, waiting, way), recoveryCodes } };
    };
    const { opening, recoveryCodes } = await this.step(visitor, { token, purpose: 'enrol' }, judge);
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
    ended: Exclude<Ended<never>, { kind: 'done' }>,
  ): Promise<never> {
    this.parts.telemetry.signIn(who?.ticket.method ?? 'password', 'refused');
    await this.parts.audit.refuse(visitor.tenant.id, visitor, {
      action: 'session.create',
      target: who?.person.email ?? null,
      reason: `second step: ${ended.reason}`,
    });
    if (ended.kind === 'over') throw signInExpired();
    throw ended.by === 'passkey' ? passkeyFailed() : secondFactorFailed();
  }
}

/** One text for every reason. */
export function secondFactorFailed(): AppError {
  return new AppError('second_factor_failed', 'This code is not right.', { field: 'code' });
}

function signInExpired(): AppError {
  return new AppError('sign_in_expired', 'This sign-in has run out.');
}
