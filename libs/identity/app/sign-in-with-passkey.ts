import type { PasskeyAnswer, PasskeyOptions } from '#libs/contracts/passkey-api.js';
import type { OpenedSession } from '../domain/opened-session.js';
import { addressLimits } from '../domain/sign-in-limits.js';
import type { Visitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { IdentityParts } from './identity-parts.js';
import type { LocalSignIn } from './local-sign-in.js';
import { passkeyFailed } from './own-passkeys.js';
import type { PasskeyProof } from './passkey-proof.js';
import type { Opening, SessionOpener } from './session-opener.js';
import type { SignInThrottle } from './sign-in-throttle.js';

/** What every way in needs. */
interface Door {
  readonly opener: SessionOpener;
  readonly throttle: SignInThrottle;
  readonly local: LocalSignIn;
}

type MayEnter = Awaited<ReturnType<LocalSignIn['rule']>>;

const asked = { purpose: 'sign-in', personId: null } as const;

/** Signs somebody in by a passkey alone: it is something they have, opened by something they are or know. */
export class SignInWithPasskey {
  constructor(
    private readonly parts: IdentityParts,
    private readonly door: Door,
    private readonly proof: PasskeyProof,
  ) {}

  /** Tells nothing of who has a passkey: whichever answers says who it is. */
  ask(visitor: Visitor): Promise<PasskeyOptions> {
    return this.proof.ask(visitor, asked.purpose, asked.personId);
  }

  /** @throws {AppError} passkey_failed, sign_in_throttled */
  async signIn(visitor: Visitor, answer: PasskeyAnswer): Promise<OpenedSession> {
    await this.door.throttle.admit(visitor, addressLimits(visitor.address), 'passkey');
    const mayEnter = await this.door.local.rule(visitor.tenant);
    const done = await this.parts.sessions.run(visitor.tenant.id, (stores) =>
      this.enter(stores, visitor, answer, mayEnter),
    );
    return typeof done === 'string' ? this.fail(visitor, answer, done) : this.door.opener.publish(visitor, done);
  }

  private async enter(
    stores: IdentityStores,
    visitor: Visitor,
    answer: PasskeyAnswer,
    mayEnter: MayEnter,
  ): Promise<Opening | string> {
    const proven = await this.proof.check(stores, visitor, asked, answer);
    if (proven.kind === 'refused') return proven.reason;
    if (!proven.isUserVerified) return 'the passkey did not make sure of the person';
    const person = await stores.people.lock(proven.personId);
    if (person?.state !== 'active') return 'person_disabled';
    if (!mayEnter(person.role)) return 'identity_provider_required';
    await this.door.throttle.succeeded(stores, addressLimits(visitor.address));
    return this.door.opener.open(stores, visitor, person, { face: 'chat', method: 'passkey', proofs: ['passkey'] });
  }

  private async fail(visitor: Visitor, { id }: PasskeyAnswer, reason: string): Promise<never> {
    this.parts.telemetry.signIn('passkey', 'refused');
    await this.parts.audit.refuse(visitor.tenant.id, visitor, {
      action: 'session.create',
      target: `passkey ${id.slice(0, 16)}`,
      reason: `passkey: ${reason}`,
    });
    throw passkeyFailed();
  }
}
