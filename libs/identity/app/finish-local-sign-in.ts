import type { SessionId } from '#libs/kernel/ids.js';
import type { Person } from '../domain/person.js';
import { type Proof, provesTwice, type SecondFactor } from '../domain/proof.js';
import type { AskedStep, SignInAnswer } from '../domain/sign-in-answer.js';
import type { SignInMethod } from '../domain/sign-in-session.js';
import { passwordMark, ticketLifetimeMs } from '../domain/sign-in-ticket.js';
import { secretBytes, tokenHash } from '../domain/token-hash.js';
import type { Visitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { IdentityParts } from './identity-parts.js';
import type { SecondFactors } from './second-factors.js';
import type { Opening, SessionOpener } from './session-opener.js';

/** What somebody has shown in the first step, and how. */
export interface FirstStep {
  readonly method: SignInMethod;
  readonly proofs: readonly Proof[];
  /** Sessions that the step has ended. */
  readonly ended?: readonly SessionId[];
}

/** The first step as its transaction leaves it; sessions in `ended` are over. */
export type FinishedStep =
  | { readonly kind: 'opened'; readonly opening: Opening }
  | { readonly kind: 'asked'; readonly step: AskedStep; readonly ended: readonly SessionId[] };

/** Decides what follows the first proof of a sign-in without an identity provider: a session, or a second step. */
export class FinishLocalSignIn {
  constructor(
    private readonly parts: IdentityParts,
    private readonly opener: SessionOpener,
    private readonly factors: SecondFactors,
  ) {}

  /** In the transaction of the first step. The person is locked by the caller. */
  async finish(
    stores: IdentityStores,
    visitor: Visitor,
    person: Person,
    { ended = [], ...first }: FirstStep,
  ): Promise<FinishedStep> {
    const factors = provesTwice(first.proofs) ? [] : await this.factors.of(stores, person);
    if (factors.length > 0)
      return { kind: 'asked', step: await this.ask(stores, visitor, person, { ...first, factors }), ended };
    const opening = await this.opener.open(stores, visitor, person, { face: 'chat', ...first });
    return { kind: 'opened', opening: { ...opening, ended: [...opening.ended, ...ended] } };
  }

  /** What is to be done once the transaction is through. */
  publish(visitor: Visitor, finished: FinishedStep): SignInAnswer {
    if (finished.kind === 'opened') return { kind: 'opened', opened: this.opener.publish(visitor, finished.opening) };
    this.parts.notices.sessions(visitor.tenant.id, { ended: [...finished.ended] });
    return finished.step;
  }

  private async ask(
    stores: IdentityStores,
    visitor: Visitor,
    person: Person,
    { factors, method, proofs }: FirstStep & { readonly factors: readonly SecondFactor[] },
  ): Promise<AskedStep> {
    const createdAt = this.parts.clock.now();
    const expiresAt = new Date(createdAt.getTime() + ticketLifetimeMs);
    const ticket = this.parts.ids.secret(secretBytes);
    await stores.signInTickets.add(
      {
        personId: person.id,
        purpose: 'second-factor',
        method,
        proofs,
        passwordMark: passwordMark(person),
        createdAt,
        expiresAt,
      },
      tokenHash(ticket),
    );
    await this.parts.audit.write(stores, visitor, {
      action: 'sign-in.begin',
      target: person.id,
      reason: `${method}: a second factor is asked for`,
      actor: { kind: 'person', id: person.id, name: person.email },
    });
    return { kind: 'second-factor', ticket, factors, expiresAt };
  }
}
