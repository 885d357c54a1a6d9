import type { ScimToken } from '../domain/scim/scim-token.js';

/** Tokens of the organisation's directory. Bound to one tenant and one transaction. */
export abstract class ScimTokenStore {
  abstract add(token: ScimToken, secretHash: Uint8Array): Promise<void>;
  abstract find(id: string): Promise<{ readonly token: ScimToken; readonly secretHash: Uint8Array } | null>;
  /** Newest first. */
  abstract all(): Promise<readonly ScimToken[]>;
  abstract used(id: string, at: Date): Promise<void>;
  /** Null when there is none that could be revoked. */
  abstract revoke(id: string, at: Date): Promise<ScimToken | null>;
}
