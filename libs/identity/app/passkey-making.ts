import type { NewPasskeyAnswer, NewPasskeyOptions } from '#libs/contracts/passkey-api.js';
import { AppError } from '#libs/kernel/errors.js';
import { maxPasskeys, type Passkey } from '../domain/passkey.js';
import type { Person } from '../domain/person.js';
import type { Visitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { MadeResult } from '../ports/passkey-ceremonies.js';
import type { IdentityParts } from './identity-parts.js';
import type { PasskeyProof } from './passkey-proof.js';
import { answeredBefore, type PasskeyQuestions, wrongQuestion } from './passkey-questions.js';

/** A new passkey as the page sends it. */
export interface GivenPasskey {
  readonly name: string;
  readonly answer: NewPasskeyAnswer;
}

type Maker = Pick<Person, 'id' | 'email' | 'name'>;

/** Has people make passkeys: on their own page, or while a sign-in waits for a second factor. */
export class PasskeyMaking {
  constructor(
    private readonly parts: Pick<IdentityParts, 'clock'>,
    private readonly questions: PasskeyQuestions,
    private readonly proof: PasskeyProof,
  ) {}

  /**
   * What to ask the browser for.
   * @throws {AppError} conflict when the person has as many as anybody may have
   */
  async begin(stores: IdentityStores, visitor: Visitor, by: Maker): Promise<NewPasskeyOptions> {
    const has = await roomFor(stores, by);
    const site = this.proof.site(visitor);
    const challenge = this.questions.ask(visitor.tenant.id, { purpose: 'add', host: site.host, personId: by.id });
    const siteName = visitor.tenant.manifest.displayName;
    return this.proof.ceremonies.optionsToMake(site, challenge, { by, siteName, has });
  }

  /**
   * Keeps it; a text says why not. In the caller's transaction, which holds the person.
   * @throws {AppError} conflict when the person has as many as anybody may have
   */
  async keep(
    stores: IdentityStores,
    visitor: Visitor,
    by: Maker,
    { name, answer }: GivenPasskey,
  ): Promise<Passkey | string> {
    await roomFor(stores, by);
    const result = await this.verify(stores, visitor, by, answer);
    if (result.kind === 'refused') return result.reason;
    const passkey: Passkey = {
      ...result.passkey,
      personId: by.id,
      host: visitor.tenantHost,
      name,
      createdAt: this.parts.clock.now(),
      lastUsedAt: null,
    };
    return (await stores.passkeys.add(passkey)) ? passkey : 'the passkey is here already';
  }

  private async verify(
    stores: IdentityStores,
    visitor: Visitor,
    { id }: Maker,
    answer: NewPasskeyAnswer,
  ): Promise<MadeResult> {
    const challenge = this.proof.ceremonies.challengeOf(answer);
    const question = { purpose: 'add', host: visitor.tenantHost, personId: id } as const;
    const open = challenge === null ? null : this.questions.open(visitor.tenant.id, challenge, question);
    if (challenge === null || open === null) return { kind: 'refused', reason: wrongQuestion };
    const result = await this.proof.ceremonies.verifyMade(this.proof.site(visitor), challenge, answer);
    if (result.kind === 'refused' || (await open.close(stores))) return result;
    return { kind: 'refused', reason: answeredBefore };
  }
}

async function roomFor({ passkeys }: IdentityStores, { id }: Maker): Promise<readonly Passkey[]> {
  const has = await passkeys.ofPerson(id);
  if (has.length < maxPasskeys) return has;
  throw new AppError('conflict', `Nobody may have more than ${maxPasskeys} passkeys.`, {
    action: 'Remove one that you do not use any more.',
  });
}

/** One text for every reason. */
export function passkeyFailed(): AppError {
  return new AppError('passkey_failed', 'The passkey was not accepted.');
}
