import type { UserId } from '#libs/kernel/ids.js';
import type { Role } from '#libs/tenancy/domain/role.js';
import type { DirectoryGroup, DirectoryUser } from '../domain/scim/directory.js';
import type { Page } from './people-store.js';

/** A part of a list, counted from one, as SCIM counts. */
export interface ScimSlice {
  readonly startIndex: number;
  readonly count: number;
}

export interface ScimFound<Item> {
  readonly total: number;
  readonly items: readonly Item[];
}

/** The one thing people are looked up by; texts without case, but for ids. */
export interface UserLookUp {
  readonly by: 'id' | 'userName' | 'externalId' | 'email';
  readonly value: string;
}

export interface GroupLookUp {
  readonly by: 'id' | 'name' | 'externalId' | 'member';
  readonly value: string;
}

/** People as the organisation's directory sees them. Bound to one tenant and one transaction. */
export abstract class DirectoryUserStore {
  /** Everybody but whom the directory has taken out. Nobody else changes the person until this transaction ends. */
  abstract lock(id: UserId): Promise<DirectoryUser | null>;
  /** Whom the directory has taken out, by user name or e-mail. */
  abstract removed(userName: string, email: string): Promise<DirectoryUser | null>;
  /** In an order that stays. */
  abstract find(lookUp: UserLookUp | null, slice: ScimSlice): Promise<ScimFound<DirectoryUser>>;
  /** Whether the directory has said that the person is to have no way in. */
  abstract isEnded(id: UserId): Promise<boolean>;
  /** Whether the directory has made this person, who has not come in by any way yet. */
  abstract isAwaited(id: UserId): Promise<boolean>;
  /**
   * Writes what the directory has told, the e-mail included; the rest of the person is for `PeopleStore.save`.
   * @throws {AppError} conflict when somebody else has the user name or the e-mail
   */
  abstract save(user: DirectoryUser): Promise<void>;
  /** Takes the person out of the directory and of its groups. */
  abstract remove(id: UserId, at: Date): Promise<void>;
  abstract count(): Promise<number>;
}

export interface ListedGroup extends DirectoryGroup {
  readonly roleName: string | null;
  readonly members: number;
}

/** Groups of the organisation's directory. Bound to one tenant and one transaction. */
export abstract class DirectoryGroupStore {
  /** Nobody else changes the group until this transaction ends. */
  abstract lock(id: string): Promise<DirectoryGroup | null>;
  abstract find(lookUp: GroupLookUp | null, slice: ScimSlice): Promise<ScimFound<DirectoryGroup>>;
  /** By name. */
  abstract page(page: {
    readonly search: string | null;
    readonly cursor: string | null;
    readonly limit: number;
  }): Promise<Page<ListedGroup>>;
  abstract listed(id: string): Promise<ListedGroup | null>;
  /** @throws {AppError} conflict when a group has the name */
  abstract add(group: DirectoryGroup): Promise<void>;
  /** @throws {AppError} conflict when another group has the name */
  abstract save(group: DirectoryGroup): Promise<void>;
  abstract remove(id: string): Promise<void>;
  abstract members(id: string): Promise<readonly { readonly id: UserId; readonly name: string }[]>;
  /** Those of the people who are there; the others are left aside. */
  abstract addMembers(id: string, people: readonly UserId[]): Promise<void>;
  abstract removeMembers(id: string, people: readonly UserId[]): Promise<void>;
  /** The roles that somebody's groups give, the oldest group first. */
  abstract rolesOf(person: UserId): Promise<readonly Role[]>;
  /** Every role that a group gives. */
  abstract roles(): Promise<readonly Role[]>;
  abstract count(): Promise<number>;
}
