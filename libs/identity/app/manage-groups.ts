import { AppError } from '#libs/kernel/errors.js';
import type { Role } from '#libs/tenancy/domain/role.js';
import { demand, demandCovers } from '../domain/rights.js';
import type { SignedInVisitor } from '../domain/visitor.js';
import type { ListedGroup } from '../ports/directory-store.js';
import type { Page } from '../ports/people-store.js';
import type { IdentityParts } from './identity-parts.js';
import { abilityOfRole, heldRole } from './role-abilities.js';
import { followGroups, type FollowedRole } from './scim/group-roles.js';

/** Groups of the organisation's directory, and what its admins make of their members. */
export class ManageGroups {
  constructor(private readonly parts: IdentityParts) {}

  /** By name. @throws {AppError} forbidden */
  async list(
    visitor: SignedInVisitor,
    page: { readonly search: string | null; readonly cursor: string | null; readonly limit: number },
  ): Promise<Page<ListedGroup>> {
    demand(visitor.session.ability, 'read', 'group');
    return this.parts.sessions.run(visitor.tenant.id, ({ directoryGroups }) => directoryGroups.page(page));
  }

  /**
   * Says what the members become, and makes them that.
   * @param role null: the group says nothing, and roles that it gave go
   * @throws {AppError} forbidden for a role beyond the caller's own, or members beyond it; step_up_required,
   * not_found, bad_request
   */
  async giveRole(visitor: SignedInVisitor, id: string, role: Exclude<Role, 'owner'> | null): Promise<ListedGroup> {
    const { ability, personId } = visitor.session;
    demand(ability, 'change', 'group');
    await this.parts.stepUp.demand(visitor);
    const { listed, followed } = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const group = await stores.directoryGroups.lock(id);
      if (group === null) throw new AppError('not_found', 'There is no such group.');
      if (role !== null) demandCovers(ability, await abilityOfRole(stores, role, personId));
      await stores.directoryGroups.save({ ...group, role, changedAt: this.parts.clock.now() });
      await this.parts.audit.write(stores, visitor, {
        action: 'group.change',
        target: `${group.id} ${group.name}`,
        reason: `role ${group.role ?? 'none'} to ${role ?? 'none'}`,
      });
      const changes: FollowedRole[] = [];
      for (const member of await stores.directoryGroups.members(id)) {
        const change = await followGroups(stores, member.id);
        if (change === null) continue;
        demandCovers(ability, (await heldRole(stores, { id: member.id, role: change.from })).ability);
        await this.tell(stores, visitor, change);
        changes.push(change);
      }
      return { listed: await stores.directoryGroups.listed(id), followed: changes };
    });
    this.parts.notices.sessions(visitor.tenant.id, { people: followed.map(({ person }) => person) });
    if (listed === null) throw new AppError('not_found', 'There is no such group.');
    return listed;
  }

  private tell(
    stores: Parameters<IdentityParts['audit']['write']>[0],
    visitor: SignedInVisitor,
    { person, from, to }: FollowedRole,
  ): Promise<void> {
    return this.parts.audit.write(stores, visitor, {
      action: 'person.change',
      target: person,
      reason: `role ${from} to ${to} by group`,
    });
  }
}
