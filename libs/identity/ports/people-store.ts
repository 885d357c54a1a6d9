import type { UserId } from '#libs/kernel/ids.js';
import type { Person } from '../domain/person.js';
import type { Ability } from '../domain/rights.js';

/** How somebody may sign in. */
export type SignInWay = 'password' | 'oidc';

export interface ListedPerson extends Person {
  /** Name of a role that the organisation has made; else null. */
  readonly roleName: string | null;
  /** Of the organisation's directory, by name. */
  readonly groups: readonly { readonly id: string; readonly name: string }[];
  readonly signIn: readonly SignInWay[];
  readonly hasSecondFactor: boolean;
}

export interface PeopleFilter {
  /** A part of name or e-mail. */
  readonly search: string | null;
  /** False where e-mails are held back: then no search may tell what they are. */
  readonly searchesEmail: boolean;
  /** Only members of the group with this id. */
  readonly group: string | null;
  readonly cursor: string | null;
  readonly limit: number;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** People of one tenant. Bound to it and to one transaction. */
export abstract class PeopleStore {
  abstract byId(id: UserId): Promise<Person | null>;
  /** The same, and nobody else changes the person until this transaction ends. */
  abstract lock(id: UserId): Promise<Person | null>;
  abstract byEmail(email: string): Promise<Person | null>;
  abstract bySubject(connection: string, subject: string): Promise<Person | null>;
  abstract listed(id: UserId): Promise<ListedPerson | null>;
  /** Those the ability lets be read, by e-mail. */
  abstract page(filter: PeopleFilter, ability: Ability): Promise<Page<ListedPerson>>;
  /** @throws {AppError} conflict when somebody has the e-mail */
  abstract add(person: Person): Promise<void>;
  /** Writes name, role, state and password. */
  abstract save(person: Person): Promise<void>;
  abstract addSubject(connection: string, subject: string, person: UserId, at: Date): Promise<void>;
  /** The connections that the person has come in through. */
  abstract connections(person: UserId): Promise<readonly string[]>;
  /** Active owners beside `person` (null: all). Nobody else counts them before this transaction ends. */
  abstract otherOwners(person: UserId | null): Promise<number>;
  abstract seen(person: UserId, at: Date): Promise<void>;
}
