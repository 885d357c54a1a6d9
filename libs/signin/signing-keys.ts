import type { CryptoKey, JWK } from 'jose';

/** A signing key and its public half. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

/** Where the keys of service tokens come from: this process's memory, or a mounted file that replicas share. */
export abstract class SigningKeys {
  /** The key that signs now. */
  abstract signing(now: Date): Promise<SigningKey>;
  /** The public halves of every key whose tokens are believed, current and next among them. */
  abstract published(): { keys: JWK[] };
}
