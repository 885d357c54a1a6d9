import type { ScimUserView } from '#libs/contracts/scim-views.js';
import { isId, userId } from '#libs/kernel/ids.js';
import type { Ids } from '#libs/kernel/ids.js';
import type { Person } from '../../domain/person.js';
import type { DirectoryUser } from '../../domain/scim/directory.js';
import { ScimError } from '../../domain/scim/scim-error.js';
import { patched, type ScimOperation } from '../../domain/scim/scim-patch.js';
import { readFilter } from '../../domain/scim/scim-path.js';
import type { ScimSlice, UserLookUp } from '../../ports/directory-store.js';
import type { TenantOrigins } from '../../ports/tenant-origins.js';
import { closeAccount } from '../close-account.js';
import type { ScimGate, ScimVisitor, ScimWork } from './scim-gate.js';
import { editableUser, readUser, type ToldUser, userView } from './scim-resources.js';

export interface ScimPage<Item> {
  readonly total: number;
  readonly startIndex: number;
  readonly items: readonly Item[];
}

const lookUps: Readonly<Record<string, UserLookUp['by']>> = {
  id: 'id',
  username: 'userName',
  externalid: 'externalId',
  emails: 'email',
  'emails.value': 'email',
};

/** People, as the organisation's directory makes, changes and ends them. */
export class ScimUsers {
  constructor(
    private readonly gate: ScimGate,
    private readonly ids: Ids,
    private readonly origins: TenantOrigins,
  ) {}

  /** @throws {ScimError} unauthenticated, invalidFilter */
  async list(visitor: ScimVisitor, filter: string | undefined, slice: ScimSlice): Promise<ScimPage<ScimUserView>> {
    return this.gate.run(visitor, async ({ stores }) => {
      const { total, items } = await stores.directoryUsers.find(filter === undefined ? null : lookUpOf(filter), slice);
      return { total, startIndex: slice.startIndex, items: items.map((user) => this.view(visitor, user)) };
    });
  }

  /** @throws {ScimError} unauthenticated, not_found */
  get(visitor: ScimVisitor, id: string): Promise<ScimUserView> {
    return this.gate.run(visitor, async (work) => this.view(visitor, await lock(work, id)));
  }

  /**
   * Makes a person, or brings back one whom the directory has taken out before.
   * @throws {ScimError} unauthenticated, invalidValue, uniqueness
   */
  create(visitor: ScimVisitor, resource: unknown): Promise<ScimUserView> {
    const told = readUser(resource);
    return this.gate.run(visitor, async (work) => {
      const { stores, now } = work;
      const back = await stores.directoryUsers.removed(told.userName, told.email);
      if (back !== null) {
        const user = await this.tell(
          work,
          { ...back, isActive: false, roleByGroup: false },
          { ...told, isActive: told.isActive ?? true },
        );
        return this.view(visitor, user);
      }
      const isTaken =
        (await stores.people.byEmail(told.email)) !== null ||
        (await stores.directoryUsers.find({ by: 'userName', value: told.userName }, { startIndex: 1, count: 1 }))
          .total > 0;
      if (isTaken) throw new ScimError('conflict', 'Somebody has this userName or e-mail already.', 'uniqueness');
      const person = this.newPerson(told, now);
      await stores.people.add(person);
      const { userName, externalId, attributes } = told;
      const isActive = told.isActive ?? true;
      const times = { createdAt: now, changedAt: now };
      await stores.directoryUsers.save({
        person,
        userName,
        externalId,
        attributes,
        isActive,
        roleByGroup: false,
        ...times,
        groups: [],
      });
      await work.audit({ action: 'person.create', target: person.id, reason: `directory: ${told.userName}` });
      return this.view(visitor, await lock(work, person.id));
    });
  }

  /** @throws {ScimError} unauthenticated, not_found, invalidValue, uniqueness, forbidden for an owner */
  replace(visitor: ScimVisitor, id: string, resource: unknown): Promise<ScimUserView> {
    const told = readUser(resource);
    return this.gate.run(visitor, async (work) =>
      this.view(visitor, await this.tell(work, await lock(work, id), told)),
    );
  }

  /** @throws {ScimError} as `replace`; also invalidPath, invalidSyntax, noTarget */
  patch(visitor: ScimVisitor, id: string, operations: readonly ScimOperation[]): Promise<ScimUserView> {
    return this.gate.run(visitor, async (work) => {
      const before = await lock(work, id);
      const told = readUser(patched(editableUser(before), operations));
      return this.view(visitor, await this.tell(work, before, told));
    });
  }

  /** Ends the account. The person stays, disabled, for what they have written. @throws {ScimError} as `replace` */
  remove(visitor: ScimVisitor, id: string): Promise<void> {
    return this.gate.run(visitor, async (work) => {
      const user = await lock(work, id);
      refuseOwner(user.person);
      const role = user.roleByGroup ? 'member' : user.person.role;
      await work.stores.people.save({ ...user.person, role, state: 'disabled' });
      await work.stores.directoryUsers.save({ ...user, isActive: false, roleByGroup: false, changedAt: work.now });
      await work.stores.directoryUsers.remove(user.person.id, work.now);
      await work.audit({ action: 'person.change', target: user.person.id, reason: 'directory: taken out' });
      work.ended(await closeAccount(work.stores, user.person, work.now));
      work.changed(user.person.id);
    });
  }

  private async tell(work: ScimWork, before: DirectoryUser, told: ToldUser): Promise<DirectoryUser> {
    const { stores, now } = work;
    refuseOwnerChange(before, told);
    const isActive = told.isActive ?? before.isActive;
    const person: Person = {
      ...before.person,
      email: told.email,
      name: told.name,
      state: stateAfter(before, isActive, told),
    };
    await stores.people.save(person);
    const { userName, externalId, attributes } = told;
    await saveUnique(work, { ...before, person, userName, externalId, attributes, isActive, changedAt: now });
    if (person.state !== before.person.state) {
      await work.audit({ action: 'person.change', target: person.id, reason: `directory: state ${person.state}` });
      if (person.state === 'disabled') work.ended(await closeAccount(stores, person, now));
    }
    work.changed(person.id);
    return lock(work, person.id);
  }

  private newPerson(told: ToldUser, now: Date): Person {
    return {
      id: userId(this.ids.next()),
      email: told.email,
      name: told.name,
      role: 'member',
      state: told.isActive === false ? 'disabled' : 'active',
      passwordHash: null,
      createdAt: now,
      lastSeenAt: null,
    };
  }

  private view({ tenantHost }: ScimVisitor, user: DirectoryUser): ScimUserView {
    return userView(user, `${this.origins.at(tenantHost).chat}/scim/v2`);
  }
}

/** An admin may have disabled somebody whom the directory keeps active: only a change of its mind brings them back. */
function stateAfter(before: DirectoryUser, isActive: boolean, told: ToldUser): Person['state'] {
  if (told.isActive === false) return 'disabled';
  return isActive && !before.isActive ? 'active' : before.person.state;
}

function lookUpOf(filter: string): UserLookUp {
  const [one, ...others] = readFilter(filter);
  const by = one === undefined ? undefined : lookUps[one.attribute];
  if (by === undefined || others.length > 0 || typeof one?.value !== 'string')
    throw new ScimError(
      'bad_request',
      'People are found by userName, externalId, emails.value or id.',
      'invalidFilter',
    );
  return { by, value: one.value };
}

async function lock({ stores }: ScimWork, id: string): Promise<DirectoryUser> {
  const user = isId(id) ? await stores.directoryUsers.lock(userId(id)) : null;
  if (user === null) throw new ScimError('not_found', `There is no user ${id.slice(0, 100)}.`);
  return user;
}

async function saveUnique({ stores }: ScimWork, user: DirectoryUser): Promise<void> {
  const named = await stores.directoryUsers.find({ by: 'userName', value: user.userName }, { startIndex: 1, count: 2 });
  const mailed = await stores.people.byEmail(user.person.email);
  const isOther = (id: string | undefined) => id !== undefined && id !== user.person.id;
  if (named.items.some(({ person }) => isOther(person.id)) || isOther(mailed?.id))
    throw new ScimError('conflict', 'Somebody else has this userName or e-mail already.', 'uniqueness');
  await stores.directoryUsers.save(user);
}

/** Owners are made, changed and ended by owners: a directory that is lost must not take the organisation with it. */
function refuseOwner({ role }: Person): void {
  if (role === 'owner')
    throw new ScimError(
      'forbidden',
      'This person is an owner. An owner has to give them another role first.',
      'mutability',
    );
}

/** What the directory says of an owner is taken down as long as it ends nothing and renames nobody. */
function refuseOwnerChange({ person }: DirectoryUser, told: ToldUser): void {
  if (told.isActive === false || told.email !== person.email) refuseOwner(person);
}
