import type { ScimGroup, ScimGroupView } from '#libs/contracts/scim-views.js';
import { type Ids, isId, type UserId, userId } from '#libs/kernel/ids.js';
import type { DirectoryGroup } from '../../domain/scim/directory.js';
import { ScimError } from '../../domain/scim/scim-error.js';
import { patched, type ScimOperation } from '../../domain/scim/scim-patch.js';
import { readFilter } from '../../domain/scim/scim-path.js';
import type { GroupLookUp, ScimSlice } from '../../ports/directory-store.js';
import type { TenantOrigins } from '../../ports/tenant-origins.js';
import { followGroups } from './group-roles.js';
import type { ScimGate, ScimVisitor, ScimWork } from './scim-gate.js';
import { groupView, readGroup } from './scim-resources.js';
import type { ScimPage } from './scim-users.js';

export interface GroupSlice extends ScimSlice {
  readonly withMembers: boolean;
}

const lookUps: Readonly<Record<string, GroupLookUp['by']>> = {
  id: 'id',
  displayname: 'name',
  externalid: 'externalId',
  members: 'member',
  'members.value': 'member',
};

/** Groups, as the organisation's directory makes and fills them. */
export class ScimGroups {
  constructor(
    private readonly gate: ScimGate,
    private readonly ids: Ids,
    private readonly origins: TenantOrigins,
  ) {}

  /** @throws {ScimError} unauthenticated, invalidFilter */
  list(visitor: ScimVisitor, filter: string | undefined, slice: GroupSlice): Promise<ScimPage<ScimGroupView>> {
    return this.gate.run(visitor, async (work) => {
      const lookUp = filter === undefined ? null : lookUpOf(filter);
      const { total, items } = await work.stores.directoryGroups.find(lookUp, slice);
      const views: ScimGroupView[] = [];
      for (const group of items) views.push(await this.view(visitor, work, group, slice.withMembers));
      return { total, startIndex: slice.startIndex, items: views };
    });
  }

  /** @throws {ScimError} unauthenticated, not_found */
  get(visitor: ScimVisitor, id: string, withMembers: boolean): Promise<ScimGroupView> {
    return this.gate.run(visitor, async (work) => this.view(visitor, work, await lock(work, id), withMembers));
  }

  /** @throws {ScimError} unauthenticated, invalidValue, uniqueness */
  create(visitor: ScimVisitor, resource: unknown): Promise<ScimGroupView> {
    const told = readGroup(resource);
    return this.gate.run(visitor, async (work) => {
      const times = { createdAt: work.now, changedAt: work.now };
      const group: DirectoryGroup = {
        id: this.ids.next(),
        name: told.displayName,
        externalId: told.externalId ?? null,
        role: null,
        ...times,
      };
      await refuseTaken(work, group);
      await work.stores.directoryGroups.add(group);
      await work.audit({ action: 'group.create', target: `${group.id} ${group.name}` });
      await this.fill(work, group, told);
      return this.view(visitor, work, group, true);
    });
  }

  /** @throws {ScimError} unauthenticated, not_found, invalidValue, uniqueness */
  replace(visitor: ScimVisitor, id: string, resource: unknown): Promise<ScimGroupView> {
    const told = readGroup(resource);
    return this.gate.run(visitor, async (work) => {
      const group = await this.tell(work, await lock(work, id), { ...told, members: told.members ?? [] });
      return this.view(visitor, work, group, true);
    });
  }

  /** @throws {ScimError} as `replace`; also invalidPath, invalidSyntax, noTarget */
  patch(visitor: ScimVisitor, id: string, operations: readonly ScimOperation[]): Promise<ScimGroupView> {
    return this.gate.run(visitor, async (work) => {
      const before = await lock(work, id);
      const members = await work.stores.directoryGroups.members(id);
      const start = {
        displayName: before.name,
        ...(before.externalId === null ? {} : { externalId: before.externalId }),
        members: members.map((member) => ({ value: member.id })),
      };
      const told = readGroup(patched(start, operations));
      const group = await this.tell(work, before, { ...told, members: told.members ?? [] });
      return this.view(visitor, work, group, true);
    });
  }

  /** Roles that came from it go. @throws {ScimError} unauthenticated, not_found */
  remove(visitor: ScimVisitor, id: string): Promise<void> {
    return this.gate.run(visitor, async (work) => {
      const group = await lock(work, id);
      const members = await work.stores.directoryGroups.members(id);
      await work.stores.directoryGroups.remove(id);
      await work.audit({ action: 'group.delete', target: `${group.id} ${group.name}` });
      await this.follow(
        work,
        members.map((member) => member.id),
        group,
      );
    });
  }

  private async tell(work: ScimWork, before: DirectoryGroup, told: ScimGroup): Promise<DirectoryGroup> {
    const name = told.displayName;
    const group = { ...before, name, externalId: told.externalId ?? null, changedAt: work.now };
    await refuseTaken(work, group);
    await work.stores.directoryGroups.save(group);
    await this.fill(work, group, told);
    return group;
  }

  /** Makes the members those that were told; ids of nobody are left aside. */
  private async fill({ stores, ...work }: ScimWork, group: DirectoryGroup, told: ScimGroup): Promise<void> {
    const wanted = new Set((told.members ?? []).map(({ value }) => value.toLowerCase()).filter(isId));
    const known = new Set<string>((await stores.directoryGroups.members(group.id)).map(({ id }) => id));
    const added = [...wanted].filter((id) => !known.has(id)).map(userId);
    const removed = [...known].filter((id) => !wanted.has(id)).map(userId);
    if (added.length > 0) await stores.directoryGroups.addMembers(group.id, added);
    if (removed.length > 0) await stores.directoryGroups.removeMembers(group.id, removed);
    if (added.length + removed.length === 0) return;
    await work.audit({
      action: 'group.change',
      target: `${group.id} ${group.name}`,
      reason: `directory: ${added.length} in, ${removed.length} out`,
    });
    await this.follow({ stores, ...work }, [...added, ...removed], group);
  }

  /** The roles of those who came or went. */
  private async follow(work: ScimWork, people: readonly UserId[], { role, name }: DirectoryGroup): Promise<void> {
    if (role === null) return;
    for (const id of people) {
      const followed = await followGroups(work.stores, id);
      if (followed === null) continue;
      await work.audit({
        action: 'person.change',
        target: id,
        reason: `role ${followed.from} to ${followed.to} by group ${name}`,
      });
      work.changed(id);
    }
  }

  private async view(
    { tenantHost }: ScimVisitor,
    { stores }: ScimWork,
    group: DirectoryGroup,
    withMembers: boolean,
  ): Promise<ScimGroupView> {
    const members = withMembers ? await stores.directoryGroups.members(group.id) : null;
    return groupView(group, members, `${this.origins.at(tenantHost).chat}/scim/v2`);
  }
}

function lookUpOf(filter: string): GroupLookUp {
  const [one, ...others] = readFilter(filter);
  const by = one === undefined ? undefined : lookUps[one.attribute];
  if (by === undefined || others.length > 0 || typeof one?.value !== 'string')
    throw new ScimError(
      'bad_request',
      'Groups are found by displayName, externalId, members.value or id.',
      'invalidFilter',
    );
  return { by, value: one.value };
}

async function lock({ stores }: ScimWork, id: string): Promise<DirectoryGroup> {
  const group = isId(id) ? await stores.directoryGroups.lock(id) : null;
  if (group === null) throw new ScimError('not_found', `There is no group ${id.slice(0, 100)}.`);
  return group;
}

async function refuseTaken({ stores }: ScimWork, group: DirectoryGroup): Promise<void> {
  const { items } = await stores.directoryGroups.find({ by: 'name', value: group.name }, { startIndex: 1, count: 2 });
  if (items.some(({ id }) => id !== group.id))
    throw new ScimError('conflict', 'Another group has this displayName.', 'uniqueness');
}
