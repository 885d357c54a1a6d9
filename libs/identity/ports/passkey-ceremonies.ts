import type {
  NewPasskeyAnswer,
  NewPasskeyOptions,
  PasskeyAnswer,
  PasskeyOptions,
} from '#libs/contracts/passkey-api.js';
import type { Passkey } from '../domain/passkey.js';
import type { Person } from '../domain/person.js';

/** Where a ceremony takes place. */
export interface PasskeySite {
  /** WebAuthn's relying party id. */
  readonly host: string;
  /** The origins whose pages may have asked. */
  readonly origins: readonly string[];
}

/** What a new passkey has said of itself. */
export type MadePasskey = Pick<Passkey, 'id' | 'publicKey' | 'counter' | 'transports' | 'isSynced'>;

export type MadeResult =
  { readonly kind: 'proven'; readonly passkey: MadePasskey } | { readonly kind: 'refused'; readonly reason: string };

export type AnswerResult =
  | { readonly kind: 'proven'; readonly counter: number; readonly isUserVerified: boolean }
  | { readonly kind: 'refused'; readonly reason: string };

/** The two ceremonies of WebAuthn level 3 (sections 7.1, 7.2). Reasons are for the audit log. */
export abstract class PasskeyCeremonies {
  /** @param challenge bytes that nobody could have foreseen */
  abstract optionsToMake(
    site: PasskeySite,
    challenge: Uint8Array,
    made: { readonly by: Person; readonly siteName: string; readonly has: readonly Passkey[] },
  ): NewPasskeyOptions;
  abstract verifyMade(site: PasskeySite, challenge: Uint8Array, answer: NewPasskeyAnswer): Promise<MadeResult>;
  /** @param allowed the passkeys that may answer; null: whichever the person has for this host */
  abstract optionsToAsk(site: PasskeySite, challenge: Uint8Array, allowed: readonly Passkey[] | null): PasskeyOptions;
  abstract verifyAnswer(
    site: PasskeySite,
    challenge: Uint8Array,
    given: { readonly answer: PasskeyAnswer; readonly passkey: Passkey },
  ): Promise<AnswerResult>;
  /** The challenge that an answer claims to be for; null where it names none. */
  abstract challengeOf(answer: NewPasskeyAnswer | PasskeyAnswer): Uint8Array | null;
}
