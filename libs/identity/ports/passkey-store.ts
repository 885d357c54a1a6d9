import type { UserId } from '#libs/kernel/ids.js';
import type { Passkey } from '../domain/passkey.js';

/** Passkeys of a tenant's people. Bound to one tenant and one transaction. */
export abstract class PasskeyStore {
  /** False when a passkey of this id is there already, whoever has it. */
  abstract add(passkey: Passkey): Promise<boolean>;
  /** The person's, oldest first. */
  abstract ofPerson(person: UserId): Promise<readonly Passkey[]>;
  /** Locked until the transaction ends, so that of two answers with one counter the second one is seen. */
  abstract lock(id: string): Promise<Passkey | null>;
  abstract used(id: string, counter: number, at: Date): Promise<void>;
  /** False when the person has none of this id. */
  abstract rename(person: UserId, id: string, name: string): Promise<boolean>;
  /** False when the person has none of this id. */
  abstract remove(person: UserId, id: string): Promise<boolean>;
  /** @returns how many there were */
  abstract removeAll(person: UserId): Promise<number>;
}
