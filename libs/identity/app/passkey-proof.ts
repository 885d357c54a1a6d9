import type { PasskeyAnswer, PasskeyOptions } from '#libs/contracts/passkey-api.js';
import { AppError } from '#libs/kernel/errors.js';
import type { UserId } from '#libs/kernel/ids.js';
import type { Passkey, PasskeyPurpose, PasskeyQuestion } from '../domain/passkey.js';
import type { Visitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { AnswerResult, PasskeyCeremonies, PasskeySite } from '../ports/passkey-ceremonies.js';
import type { TenantOrigins } from '../ports/tenant-origins.js';
import type { IdentityParts } from './identity-parts.js';
import { answeredBefore, type OpenQuestion, type PasskeyQuestions, wrongQuestion } from './passkey-questions.js';

export type PasskeyProven =
  | { readonly kind: 'proven'; readonly personId: UserId; readonly isUserVerified: boolean }
  | { readonly kind: 'refused'; readonly reason: string };

/** Has a passkey prove who somebody is: alone, as a second factor, or again before something dangerous. */
export class PasskeyProof {
  constructor(
    private readonly parts: Pick<IdentityParts, 'sessions' | 'clock'>,
    private readonly questions: PasskeyQuestions,
    readonly ceremonies: PasskeyCeremonies,
    private readonly origins: TenantOrigins,
  ) {}

  /** Where ceremonies of this visitor take place. The admin pages lie below the host, and may use its passkeys. */
  site({ tenantHost }: Visitor): PasskeySite {
    const { chat, admin } = this.origins.at(tenantHost);
    return { host: tenantHost, origins: [chat, admin] };
  }

  /**
   * The question, for the passkeys of one person, or for whoever can answer it.
   * @throws {AppError} conflict for somebody whose passkeys are all of other hosts
   */
  async ask(visitor: Visitor, purpose: PasskeyPurpose, personId: UserId | null): Promise<PasskeyOptions> {
    const allowed =
      personId === null
        ? null
        : await this.parts.sessions.run(visitor.tenant.id, (stores) => usableAt(stores, visitor, personId));
    const question: PasskeyQuestion = { purpose, host: visitor.tenantHost, personId };
    const challenge = this.questions.ask(visitor.tenant.id, question);
    return this.ceremonies.optionsToAsk(this.site(visitor), challenge, allowed);
  }

  /** In the caller's transaction, since an answer counts once and the passkey's counter goes on. */
  async check(
    stores: IdentityStores,
    visitor: Visitor,
    asked: { readonly purpose: PasskeyPurpose; readonly personId: UserId | null },
    answer: PasskeyAnswer,
  ): Promise<PasskeyProven> {
    const question: PasskeyQuestion = { ...asked, host: visitor.tenantHost };
    const challenge = this.ceremonies.challengeOf(answer);
    const open = challenge === null ? null : this.questions.open(visitor.tenant.id, challenge, question);
    if (challenge === null || open === null) return refused(wrongQuestion);
    const passkey = await stores.passkeys.lock(answer.id);
    const fault = faultOf(passkey, question);
    if (passkey === null || fault !== null) return refused(fault ?? 'unknown passkey');
    const result = await this.ceremonies.verifyAnswer(this.site(visitor), challenge, { answer, passkey });
    return this.settle(stores, open, passkey, result);
  }

  private async settle(
    stores: IdentityStores,
    open: OpenQuestion,
    passkey: Passkey,
    result: AnswerResult,
  ): Promise<PasskeyProven> {
    if (result.kind === 'refused') return result;
    if (!(await open.close(stores))) return refused(answeredBefore);
    await stores.passkeys.used(passkey.id, result.counter, this.parts.clock.now());
    return { kind: 'proven', personId: passkey.personId, isUserVerified: result.isUserVerified };
  }
}

async function usableAt(stores: IdentityStores, { tenantHost }: Visitor, person: UserId): Promise<readonly Passkey[]> {
  const all = await stores.passkeys.ofPerson(person);
  const usable = all.filter(({ host }) => host === tenantHost);
  if (usable.length > 0) return usable;
  const hosts = [...new Set(all.map(({ host }) => host))];
  throw new AppError('conflict', 'None of your passkeys works at this address.', {
    action: hosts.length === 0 ? 'Come in another way.' : `Go to ${hosts.join(' or ')}, or come in another way.`,
  });
}

function faultOf(passkey: Passkey | null, { host, personId }: PasskeyQuestion): string | null {
  if (passkey === null) return 'unknown passkey';
  if (passkey.host !== host) return `the passkey is for ${passkey.host}`;
  return personId !== null && passkey.personId !== personId ? 'the passkey is of somebody else' : null;
}

function refused(reason: string): PasskeyProven {
  return { kind: 'refused', reason };
}
