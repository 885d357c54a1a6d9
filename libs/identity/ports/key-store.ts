import type { UserId } from '#libs/kernel/ids.js';
import type { ApiKey } from '../domain/api-key.js';
import type { Ability } from '../domain/rights.js';
import type { PersonState } from '../domain/person.js';
import type { Page } from './people-store.js';

export interface KeyWithSecret {
  readonly key: ApiKey;
  readonly secretHash: Uint8Array;
  /** State of the person who made it; null where that is nobody. */
  readonly personState: PersonState | null;
}

/** API keys of one tenant. Bound to it and to one transaction. */
export abstract class KeyStore {
  abstract add(key: ApiKey, secretHash: Uint8Array): Promise<void>;
  abstract find(id: string): Promise<KeyWithSecret | null>;
  /** Nobody else changes or revokes it until the transaction ends. */
  abstract lock(id: string): Promise<ApiKey | null>;
  /** Writes name, limits and end of a key that was locked. */
  abstract save(key: ApiKey): Promise<void>;
  /** Those the ability lets be read, newest first. */
  abstract page(
    page: { readonly cursor: string | null; readonly limit: number },
    ability: Ability,
  ): Promise<Page<ApiKey>>;
  /** Null when there is none that could be revoked. */
  abstract revoke(id: string, at: Date): Promise<ApiKey | null>;
  /** Revokes every key the person made; returns which. */
  abstract revokeOf(person: UserId, at: Date): Promise<readonly string[]>;
  abstract used(id: string, at: Date): Promise<void>;
}
