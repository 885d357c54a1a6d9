import { rightSubjects, type RightView, type RoleView } from '#libs/contracts/roles-api.js';
import { systemRoles, type RoleName } from '#libs/contracts/tenant-spec.js';
import type { UsedRole } from '#libs/identity/app/manage-roles.js';
import { systemAbility } from '#libs/identity/domain/abilities.js';
import { rightsFrom, type Right } from '#libs/identity/domain/custom-role.js';
import type { Action } from '#libs/identity/domain/rights.js';
import { customRoleRef } from '#libs/tenancy/domain/role.js';

function rightView({ subject, actions, fields, where }: Right): RightView {
  return {
    subject,
    actions: [...actions],
    ...(fields === undefined ? {} : { fields: [...fields] }),
    ...(where === undefined ? {} : { where: where as NonNullable<RightView['where']> }),
  };
}

export function roleView({ role, uses }: UsedRole): RoleView {
  const { id, name, description, version, changedBy } = role;
  return {
    id,
    ref: customRoleRef(id),
    name,
    description,
    rights: rightsFrom(role.rules).map(rightView),
    version,
    changedAt: role.changedAt.toISOString(),
    changedBy,
    uses,
  };
}

const actions: readonly Action[] = ['read', 'change'];

/** The roles that every organisation has, in the words of its own. */
export function systemRoleViews(): { role: RoleName; rights: RightView[] }[] {
  return systemRoles.map((role) => {
    const ability = systemAbility(role);
    const rights = rightSubjects.map((subject) => ({
      subject,
      actions: actions.filter((action) => ability.can(action, subject)),
    }));
    return { role, rights: rights.filter((right) => right.actions.length > 0) };
  });
}
