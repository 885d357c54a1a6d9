/** A sign-in on its way through the identity provider. */
export interface SsoRequest {
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly returnTo: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** Sign-ins of one tenant that are under way. Bound to it and to one transaction. */
export abstract class SsoRequestStore {
  abstract add(request: SsoRequest, stateHash: Uint8Array, browserHash: Uint8Array): Promise<void>;
  /** Takes the request out, once; null when it is unknown, expired, taken, or another browser's. */
  abstract take(stateHash: Uint8Array, browserHash: Uint8Array, now: Date): Promise<SsoRequest | null>;
  abstract expire(now: Date): Promise<void>;
}
