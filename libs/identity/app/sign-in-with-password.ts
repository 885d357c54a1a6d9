import { AppError } from '#libs/kernel/errors.js';
import { FairTurnstile } from '#libs/kernel/fair-turnstile.js';
import type { Person } from '../domain/person.js';
import { passwordLimits } from '../domain/sign-in-limits.js';
import type { SignInAnswer } from '../domain/sign-in-answer.js';
import type { Visitor } from '../domain/visitor.js';
import type { FinishLocalSignIn } from './finish-local-sign-in.js';
import type { IdentityParts } from './identity-parts.js';
import type { LocalRules, LocalSignIn } from './local-sign-in.js';
import type { SignInThrottle } from './sign-in-throttle.js';

/**
 * Sign-ins that are worked on at a time, so that a morning's crowd does not hold up those who are in; and how many of
 * one organisation may wait for it: about ten seconds of work, after which people would have given up.
 */
const doorWidth = { inside: 4, waiting: 500 };
/** When somebody who found the line full should come back, in ms: it has passed by then. */
const crowdMs = 10_000;

/** Signs somebody in by e-mail and password. */
export class SignInWithPassword {
  /** One line for each organisation, so that a flood at one of them holds up nobody else's people. */
  private readonly door = new FairTurnstile(doorWidth);

  constructor(
    private readonly parts: IdentityParts,
    private readonly throttle: SignInThrottle,
    private readonly local: LocalSignIn,
    private readonly finisher: FinishLocalSignIn,
  ) {}

  /**
   * The answer and the work are the same for a wrong password, an unknown e-mail and a disabled person.
   * @throws {AppError} sign_in_failed, sign_in_throttled
   */
  async signIn(visitor: Visitor, given: { email: string; password: string }): Promise<SignInAnswer> {
    const passing = await this.door.pass(visitor.tenant.id, () => this.tryToSignIn(visitor, given));
    if (passing.kind === 'full') throw this.tooCrowded();
    return passing.result;
  }

  private tooCrowded(): AppError {
    this.parts.telemetry.signIn('password', 'throttled');
    const retryAt = new Date(this.parts.clock.now().getTime() + crowdMs);
    return new AppError('sign_in_throttled', 'Too many people are signing in at this moment.', { retryAt });
  }

  private async tryToSignIn(visitor: Visitor, given: { email: string; password: string }): Promise<SignInAnswer> {
    await this.throttle.admit(visitor, passwordLimits(given.email, visitor.address), 'password');
    const person = await this.parts.sessions.run(visitor.tenant.id, ({ people }) => people.byEmail(given.email));
    const fits = await this.local.hasher.verify(person?.passwordHash ?? null, given.password);
    if (person === null || !fits) return this.fail(visitor, person, given.email);
    const rules = await this.local.rules(visitor.tenant);
    if (!rules.mayEnter(person.role)) return this.fail(visitor, person, given.email, 'identity_provider_required');
    return (await this.finish(visitor, person, rules)) ?? this.fail(visitor, person, given.email);
  }

  /** Null when the person was disabled, or got another password, since it was checked. */
  private async finish(visitor: Visitor, checked: Person, { secondFactor }: LocalRules): Promise<SignInAnswer | null> {
    const finished = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const person = await stores.people.lock(checked.id);
      if (person?.state !== 'active' || person.passwordHash !== checked.passwordHash) return null;
      await this.throttle.succeeded(stores, passwordLimits(person.email, visitor.address));
      return this.finisher.finish(stores, visitor, person, { method: 'password', proofs: ['password'], secondFactor });
    });
    return finished === null ? null : this.finisher.publish(visitor, finished);
  }

  private async fail(
    visitor: Visitor,
    person: Person | null,
    email: string,
    reason = reasonOf(person),
  ): Promise<never> {
    this.parts.telemetry.signIn('password', 'refused');
    await this.parts.audit.refuse(visitor.tenant.id, visitor, {
      action: 'session.create',
      target: email,
      reason,
    });
    throw signInFailed();
  }
}

function reasonOf(person: Person | null): string {
  if (person === null) return 'unknown_email';
  if (person.state === 'disabled') return 'person_disabled';
  return person.passwordHash === null ? 'no_password' : 'wrong_password';
}

/** One text for every reason. */
export function signInFailed(): AppError {
  return new AppError('sign_in_failed', 'E-mail or password is not right.');
}
