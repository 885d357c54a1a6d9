import type { Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import { type Ids, isId, type TenantId } from '#libs/kernel/ids.js';
import type { Sealer } from '#libs/tenancy/ports/sealer.js';
import { z } from 'zod';
import { passkeyAnswerMs, type PasskeyQuestion } from '../domain/passkey.js';
import type { IdentityStores } from '../ports/identity-stores.js';

/** For what a challenge is sealed. */
const context = 'passkey.challenge';

const Sealed = z.object({
  purpose: z.enum(['add', 'sign-in', 'second-factor', 'confirm']),
  host: z.string(),
  personId: z.string().refine(isId).nullable(),
  until: z.int(),
  /** Keeps two questions apart that are asked in the same millisecond. */
  nonce: z.string(),
});

/** Why an answer counts for nothing, whatever it says. */
export const wrongQuestion = 'the question is unknown, too old, or was for something else';
/** Why one that was right once is not any more. */
export const answeredBefore = 'replayed: the answer was used before';

/** A question that was really asked here, and is not too old. */
export interface OpenQuestion {
  /** Takes the question off the table, in the caller's transaction: false when it was answered before, by whom ever. */
  close(stores: IdentityStores): Promise<boolean>;
}

/**
 * What passkeys are asked. A challenge is the question itself, sealed with the tenant's key: it cannot be foreseen, nor
 * made anywhere else, and nothing is kept of those that nobody answers, so that the sign-in page may ask each visitor.
 */
export class PasskeyQuestions {
  constructor(
    private readonly parts: { readonly clock: Clock; readonly ids: Ids },
    private readonly sealerFor: (tenant: TenantId) => Sealer,
  ) {}

  /** A new challenge. */
  ask(tenant: TenantId, question: PasskeyQuestion): Buffer {
    const until = this.parts.clock.now().getTime() + passkeyAnswerMs;
    const sealed = { ...question, until, nonce: this.parts.ids.secret(16) };
    return Buffer.from(this.sealerFor(tenant).seal(JSON.stringify(sealed), context), 'utf8');
  }

  /** Null for a challenge that was never made here, for this tenant, is too old, or asks something else. */
  open(tenant: TenantId, challenge: Uint8Array, asked: PasskeyQuestion): OpenQuestion | null {
    const sealed = this.unseal(tenant, Buffer.from(challenge).toString('utf8'));
    if (sealed === null || sealed.until <= this.parts.clock.now().getTime()) return null;
    const { purpose, host, personId, until, nonce } = sealed;
    if (purpose !== asked.purpose || host !== asked.host || personId !== asked.personId) return null;
    return { close: ({ replays }) => replays.use(`${context} ${nonce}`, new Date(until)) };
  }

  private unseal(tenant: TenantId, text: string): z.infer<typeof Sealed> | null {
    try {
      return Sealed.parse(JSON.parse(this.sealerFor(tenant).open(text, context)));
    } catch (cause) {
      if (cause instanceof AppError) return null;
      throw cause;
    }
  }
}
