import type { PasskeyOptions } from '#libs/contracts/passkey-api.js';
import { AppError } from '#libs/kernel/errors.js';
import type { OpenedSession } from '../domain/opened-session.js';
import type { Person } from '../domain/person.js';
import { type AttemptLimit, factorLimits, passwordLimits } from '../domain/sign-in-limits.js';
import type { SignedInVisitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { PasswordHasher } from '../ports/password-hasher.js';
import { confirmWays } from './ask-for-proof.js';
import type { IdentityParts } from './identity-parts.js';
import { standingSession } from './session-limits.js';
import { passkeyFailed } from './passkey-making.js';
import type { PasskeyProof } from './passkey-proof.js';
import type { GivenFactor, SecondFactors } from './second-factors.js';
import { secondFactorFailed } from './second-step.js';
import type { Opening, SessionOpener } from './session-opener.js';
import type { SignInThrottle } from './sign-in-throttle.js';

/** What a signed-in person shows to prove who they are: one of a kind for each way that is proven here. */
export type GivenProof = { readonly kind: 'password'; readonly password: string } | GivenFactor;

interface ConfirmParts {
  readonly opener: SessionOpener;
  readonly throttle: SignInThrottle;
  readonly hasher: PasswordHasher;
  readonly factors: SecondFactors;
  readonly passkeys: PasskeyProof;
}

/** Whether the proof is right, in the transaction that renews the session; a text says why not. */
type Judge = (stores: IdentityStores, person: Person) => Promise<string | null>;

/** Takes a new proof of who a signed-in person is, and gives their session another token for it. */
export class ConfirmSession {
  constructor(
    private readonly parts: IdentityParts,
    private readonly use: ConfirmParts,
  ) {}

  /**
   * What to ask a passkey.
   * @throws {AppError} conflict where none of the person's works at this host
   */
  askPasskey(visitor: SignedInVisitor): Promise<PasskeyOptions> {
    return this.use.passkeys.ask(visitor, 'confirm', visitor.session.personId);
  }

  /**
   * The answer is the same for a wrong password, for one that may not be used here, and for none at all.
   * @throws {AppError} sign_in_failed, second_factor_failed, passkey_failed, sign_in_throttled; unauthenticated when the session is over meanwhile
   */
  async confirm(visitor: SignedInVisitor, proof: GivenProof): Promise<OpenedSession> {
    const limits = limitsOf(visitor, proof);
    await this.use.throttle.admit(visitor, limits, proof.kind === 'passkey' ? 'passkey' : 'password');
    const { person, mayUse } = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const found = await stores.people.byId(visitor.session.personId);
      const ways: readonly string[] = found === null ? [] : await confirmWays(stores, visitor.tenant, found);
      return { person: found, mayUse: ways.includes(proof.kind) };
    });
    const judge = await this.judgeOf(visitor, proof, mayUse ? person : null);
    if (person === null || typeof judge === 'string') return this.fail(visitor, proof, String(judge));
    const renewed = await this.renew(visitor, { checked: person, judge, limits }, proof);
    if (typeof renewed === 'string') return this.fail(visitor, proof, renewed);
    return this.use.opener.publish(visitor, renewed);
  }

  /** A text where it is clear already that the proof is wrong. A password is checked before any transaction: it is slow. */
  private async judgeOf(visitor: SignedInVisitor, proof: GivenProof, person: Person | null): Promise<Judge | string> {
    if (proof.kind !== 'password') {
      if (person === null) return `no_${proof.kind}`;
      const asked = { purpose: 'confirm', personId: person.id } as const;
      return (stores) => this.use.factors.prove(stores, visitor, asked, proof);
    }
    // The work is done also where it cannot help, so that its time tells nothing.
    const fits = await this.use.hasher.verify(person?.passwordHash ?? null, proof.password);
    if (fits) return () => Promise.resolve(null);
    return person === null ? 'no_password' : 'wrong_password';
  }

  private async renew(
    visitor: SignedInVisitor,
    { checked, judge, limits }: { checked: Person; judge: Judge; limits: readonly AttemptLimit[] },
    { kind }: GivenProof,
  ): Promise<Opening | string> {
    const opening = await this.parts.sessions.run(
      visitor.tenant.id,
      async (stores): Promise<Opening | string | null> => {
        const person = await stores.people.lock(checked.id);
        if (person?.state !== 'active' || person.passwordHash !== checked.passwordHash) return null;
        const session = await standingSession(stores, visitor.tenant, visitor.session.sessionId, this.parts.clock);
        if (session === null) return null;
        const reason = await judge(stores, person);
        if (reason !== null) return reason;
        await this.use.throttle.succeeded(stores, limits);
        await this.parts.audit.write(stores, visitor, {
          action: 'session.confirm',
          target: session.id,
          reason: `${session.face}: ${kind}`,
        });
        const authenticatedAt = this.parts.clock.now();
        return this.use.opener.renew(stores, visitor, person, { session, proof: kind, authenticatedAt, sso: null });
      },
    );
    if (opening === null) throw new AppError('unauthenticated', 'You are not signed in.');
    return opening;
  }

  private async fail(visitor: SignedInVisitor, { kind }: GivenProof, reason: string): Promise<never> {
    const { sessionId } = visitor.session;
    const entry = { action: 'session.confirm', target: sessionId, reason };
    await this.parts.audit.refuse(visitor.tenant.id, visitor, entry);
    if (kind === 'passkey') throw passkeyFailed();
    if (kind !== 'password') throw secondFactorFailed();
    throw new AppError('sign_in_failed', 'This was not accepted.', {
      field: 'password',
      action: 'Check what you typed, and try again.',
    });
  }
}

function limitsOf({ session, address }: SignedInVisitor, { kind }: GivenProof): readonly AttemptLimit[] {
  return kind === 'password' ? passwordLimits(session.email, address) : factorLimits(session.email, address);
}
