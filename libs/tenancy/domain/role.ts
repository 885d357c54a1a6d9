/** The roles that every organisation has. */
export type SystemRole = 'owner' | 'admin' | 'auditor' | 'billing' | 'member';

/** A role that an organisation has made itself, by its id. */
export type CustomRoleRef = `role:${string}`;

/** What a person may do in an organisation. */
export type Role = SystemRole | CustomRoleRef;

/** The id of a role that the organisation has made, or null for one that every organisation has. */
export function customRoleId(role: Role): string | null {
  return role.startsWith('role:') ? role.slice('role:'.length) : null;
}

/** The name by which people, groups and rules refer to a role the organisation has made. */
export function customRoleRef(id: string): CustomRoleRef {
  return `role:${id}`;
}
