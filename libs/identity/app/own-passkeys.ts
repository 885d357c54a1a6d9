import type { NewPasskeyAnswer, NewPasskeyOptions } from '#libs/contracts/passkey-api.js';
import { AppError } from '#libs/kernel/errors.js';
import { maxPasskeys, type Passkey } from '../domain/passkey.js';
import type { Person } from '../domain/person.js';
import type { SignedInVisitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { MadeResult } from '../ports/passkey-ceremonies.js';
import type { IdentityParts } from './identity-parts.js';
import type { PasskeyProof } from './passkey-proof.js';
import type { PasskeyQuestions } from './passkey-questions.js';

/** The passkeys of one's own account. */
export class OwnPasskeys {
  constructor(
    private readonly parts: IdentityParts,
    private readonly questions: PasskeyQuestions,
    private readonly proof: PasskeyProof,
  ) {}

  /** Oldest first. */
  list(visitor: SignedInVisitor): Promise<readonly Passkey[]> {
    return this.parts.sessions.run(visitor.tenant.id, ({ passkeys }) => passkeys.ofPerson(visitor.session.personId));
  }

  /**
   * What to ask the browser for.
   * @throws {AppError} step_up_required; conflict when the person has as many as anybody may have
   */
  async begin(visitor: SignedInVisitor): Promise<NewPasskeyOptions> {
    await this.parts.stepUp.demand(visitor);
    const { person, has } = await this.parts.sessions.run(visitor.tenant.id, (stores) => this.owner(stores, visitor));
    const site = this.proof.site(visitor);
    const question = { purpose: 'add', host: site.host, personId: person.id } as const;
    const challenge = this.questions.ask(visitor.tenant.id, question);
    const siteName = visitor.tenant.manifest.displayName;
    return this.proof.ceremonies.optionsToMake(site, challenge, { by: person, siteName, has });
  }

  /** @throws {AppError} step_up_required, passkey_failed, conflict */
  async add(visitor: SignedInVisitor, given: { name: string; answer: NewPasskeyAnswer }): Promise<Passkey> {
    await this.parts.stepUp.demand(visitor);
    const made = await this.parts.sessions.run(visitor.tenant.id, async (stores): Promise<Passkey | string> => {
      const { person } = await this.owner(stores, visitor);
      const result = await this.verify(stores, visitor, given.answer);
      if (result.kind === 'refused') return result.reason;
      const passkey: Passkey = {
        ...result.passkey,
        personId: person.id,
        host: visitor.tenantHost,
        name: given.name,
        createdAt: this.parts.clock.now(),
        lastUsedAt: null,
      };
      if (!(await stores.passkeys.add(passkey))) return 'the passkey is here already';
      await this.parts.audit.write(stores, visitor, { action: 'passkey.add', target: person.id, reason: passkey.name });
      return passkey;
    });
    return typeof made === 'string' ? this.fail(visitor, made) : made;
  }

  /** @throws {AppError} not_found */
  async rename(visitor: SignedInVisitor, id: string, name: string): Promise<void> {
    await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      if (!(await stores.passkeys.rename(visitor.session.personId, id, name))) throw noPasskey();
    });
  }

  /** @throws {AppError} step_up_required, not_found */
  async remove(visitor: SignedInVisitor, id: string): Promise<void> {
    await this.parts.stepUp.demand(visitor);
    const { personId } = visitor.session;
    await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      if (!(await stores.passkeys.remove(personId, id))) throw noPasskey();
      await this.parts.audit.write(stores, visitor, { action: 'passkey.remove', target: personId });
    });
  }

  /** Locked, so that two tabs together stay within the limit. */
  private async owner(
    stores: IdentityStores,
    visitor: SignedInVisitor,
  ): Promise<{ readonly person: Person; readonly has: readonly Passkey[] }> {
    const person = await stores.people.lock(visitor.session.personId);
    if (person?.state !== 'active') throw new AppError('unauthenticated', 'You are not signed in.');
    const has = await stores.passkeys.ofPerson(person.id);
    if (has.length >= maxPasskeys)
      throw new AppError('conflict', `Nobody may have more than ${maxPasskeys} passkeys.`, {
        action: 'Remove one that you do not use any more.',
      });
    return { person, has };
  }

  private async verify(
    stores: IdentityStores,
    visitor: SignedInVisitor,
    answer: NewPasskeyAnswer,
  ): Promise<MadeResult> {
    const challenge = this.proof.ceremonies.challengeOf(answer);
    const open = challenge === null ? null : this.questions.open(visitor.tenant.id, challenge);
    const isMine =
      open?.question.purpose === 'add' &&
      open.question.host === visitor.tenantHost &&
      open.question.personId === visitor.session.personId;
    if (challenge === null || !isMine)
      return { kind: 'refused', reason: 'the question is unknown, too old, or was for something else' };
    const result = await this.proof.ceremonies.verifyMade(this.proof.site(visitor), challenge, answer);
    if (result.kind === 'refused' || (await open.close(stores))) return result;
    return { kind: 'refused', reason: 'replayed: the answer was used before' };
  }

  private async fail(visitor: SignedInVisitor, reason: string): Promise<never> {
    const target = visitor.session.personId;
    await this.parts.audit.refuse(visitor.tenant.id, visitor, { action: 'passkey.add', target, reason });
    throw passkeyFailed();
  }
}

function noPasskey(): AppError {
  return new AppError('not_found', 'You have no such passkey.');
}

/** One text for every reason. */
export function passkeyFailed(): AppError {
  return new AppError('passkey_failed', 'The passkey was not accepted.');
}
