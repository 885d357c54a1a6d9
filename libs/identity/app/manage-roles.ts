import { AppError } from '#libs/kernel/errors.js';
import type { TenantId } from '#libs/kernel/ids.js';
import { customRoleRef } from '#libs/tenancy/domain/role.js';
import { type CustomRole, type Right, rightsFrom, rulesFrom } from '../domain/custom-role.js';
import { abilityFrom, demand, demandCovers } from '../domain/rights.js';
import type { SignedInVisitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { RoleUses } from '../ports/role-store.js';
import type { IdentityParts } from './identity-parts.js';

/** A role as its makers write it. */
export interface DescribedRole {
  readonly name: string;
  readonly description: string;
  readonly rights: readonly Right[];
}

export interface UsedRole {
  readonly role: CustomRole;
  readonly uses: RoleUses;
}

/** More roles than this are a list that nobody can oversee any more. */
const mostRoles = 100;

/** Roles that an organisation makes itself. */
export class ManageRoles {
  constructor(private readonly parts: IdentityParts) {}

  /** By name. @throws {AppError} forbidden */
  async list(visitor: SignedInVisitor): Promise<readonly UsedRole[]> {
    demand(visitor.session.ability, 'read', 'role');
    return this.parts.sessions.run(visitor.tenant.id, async ({ roles }) => {
      const used: UsedRole[] = [];
      for (const role of await roles.all())
        used.push({ role, uses: await roles.uses(role.id, this.parts.clock.now()) });
      return used;
    });
  }

  /** @throws {AppError} forbidden, step_up_required; bad_request with the right at fault; conflict when the name is taken */
  async create(visitor: SignedInVisitor, described: DescribedRole): Promise<UsedRole> {
    demand(visitor.session.ability, 'change', 'role');
    const { name, description } = described;
    const rules = rulesFrom(described.rights);
    demandCovers(visitor.session.ability, abilityFrom(rules, visitor.session.personId));
    await this.parts.stepUp.demand(visitor);
    const now = this.parts.clock.now();
    const made = { createdAt: now, changedAt: now, changedBy: visitor.session.email };
    const role: CustomRole = { id: this.parts.ids.next(), name, description, rules, version: 1, ...made };
    await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      if ((await stores.roles.all()).length >= mostRoles)
        throw new AppError('conflict', `An organisation has at most ${mostRoles} roles of its own.`, {
          action: 'Delete one that nobody uses.',
        });
      await stores.roles.add(role);
      await this.tell(stores, visitor, 'role.create', role);
    });
    return { role, uses: { people: 0, invitations: 0, groups: 0 } };
  }

  /**
   * Whoever has the role has the new rights at once.
   * @param version of the role as it was read
   * @throws {AppError} forbidden, step_up_required, not_found, bad_request; conflict when it was changed since, or the name is taken
   */
  async change(
    visitor: SignedInVisitor,
    id: string,
    described: DescribedRole & { readonly version: number },
  ): Promise<UsedRole> {
    demand(visitor.session.ability, 'change', 'role');
    const rules = rulesFrom(described.rights);
    demandCovers(visitor.session.ability, abilityFrom(rules, visitor.session.personId));
    await this.parts.stepUp.demand(visitor);
    const used = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const before = await lock(stores, id);
      if (before.version !== described.version)
        throw new AppError('conflict', 'Somebody else has changed this role meanwhile.', { field: 'version' });
      const { name, description } = described;
      const changed = { changedAt: this.parts.clock.now(), changedBy: visitor.session.email };
      const role: CustomRole = { ...before, name, description, rules, version: before.version + 1, ...changed };
      await stores.roles.save(role);
      await this.tell(stores, visitor, 'role.change', role);
      return { role, uses: await stores.roles.uses(id, this.parts.clock.now()) };
    });
    this.spread(visitor.tenant.id, id);
    return used;
  }

  /** @throws {AppError} forbidden, not_found; conflict while somebody has the role, is invited to it, or a rule gives it */
  async remove(visitor: SignedInVisitor, id: string): Promise<void> {
    demand(visitor.session.ability, 'change', 'role');
    await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const role = await lock(stores, id);
      const { people, invitations, groups } = await stores.roles.uses(id, this.parts.clock.now());
      const isRuled = JSON.stringify([...(await stores.settings.all())]).includes(customRoleRef(id));
      if (people + invitations + groups > 0 || isRuled)
        throw new AppError(
          'conflict',
          `The role is in use: ${people} people, ${invitations} open invitations, ${groups} groups` +
            `${isRuled ? ', and a rule of the identity provider' : ''}.`,
          { action: 'Give them another role first.' },
        );
      await stores.roles.remove(id);
      await this.tell(stores, visitor, 'role.delete', role);
    });
  }

  private tell(stores: IdentityStores, visitor: SignedInVisitor, action: string, role: CustomRole): Promise<void> {
    const rights = rightsFrom(role.rules).map(({ subject, actions }) => `${actions.join('+')} ${subject}`);
    return this.parts.audit.write(stores, visitor, {
      action,
      target: `${role.id} ${role.name}`,
      reason: `version ${role.version}: ${rights.join(', ') || 'no rights'}`,
    });
  }

  private spread(tenant: TenantId, id: string): void {
    this.parts.notices.sessions(tenant, { roles: [customRoleRef(id)] });
  }
}

async function lock({ roles }: IdentityStores, id: string): Promise<CustomRole> {
  const role = await roles.lock(id);
  if (role === null) throw new AppError('not_found', 'There is no such role.');
  return role;
}
