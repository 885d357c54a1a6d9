import { AppError } from '#libs/kernel/errors.js';
import { Turnstile } from '#libs/kernel/turnstile.js';
import type { Person } from '../domain/person.js';
import { passwordLimits } from '../domain/sign-in-limits.js';
import type { SignInAnswer } from '../domain/sign-in-answer.js';
import type { Visitor } from '../domain/visitor.js';
import type { FinishLocalSignIn } from './finish-local-sign-in.js';
import type { IdentityParts } from './identity-parts.js';
import type { LocalSignIn } from './local-sign-in.js';
import type { SignInThrottle } from './sign-in-throttle.js';

/** Sign-ins that are worked on at a time, so that a morning's crowd does not hold up those who are in. */
const atOnce = 4;

/** Signs somebody in by e-mail and password. */
export class SignInWithPassword {
  private readonly turnstile = new Turnstile(atOnce);

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
  signIn(visitor: Visitor, given: { email: string; password: string }): Promise<SignInAnswer> {
    return this.turnstile.pass(() => this.tryToSignIn(visitor, given));
  }

  private async tryToSignIn(visitor: Visitor, given: { email: string; password: string }): Promise<SignInAnswer> {
    await this.throttle.admit(visitor, passwordLimits(given.email, visitor.address), 'password');
    const person = await this.parts.sessions.run(visitor.tenant.id, ({ people }) => people.byEmail(given.email));
    const fits = await this.local.hasher.verify(person?.passwordHash ?? null, given.password);
    if (person === null || !fits) return this.fail(visitor, person, given.email);
    if (!(await this.local.rule(visitor.tenant))(person.role))
      return this.fail(visitor, person, given.email, 'identity_provider_required');
    return (await this.finish(visitor, person)) ?? this.fail(visitor, person, given.email);
  }

  /** Null when the person was disabled, or got another password, since it was checked. */
  private async finish(visitor: Visitor, checked: Person): Promise<SignInAnswer | null> {
    const finished = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const person = await stores.people.lock(checked.id);
      if (person?.state !== 'active' || person.passwordHash !== checked.passwordHash) return null;
      await this.throttle.succeeded(stores, passwordLimits(person.email, visitor.address));
      return this.finisher.finish(stores, visitor, person, { method: 'password', proofs: ['password'] });
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
