import { useQuery } from '@tanstack/react-query';
import type { PersonView } from '#libs/contracts/admin-api.js';
import { useText } from '#libs/ui/use-text.js';
import { api } from '../app/api.js';
import { useMe } from '../app/use-me.js';

export type RoleName = PersonView['role'];

/** The roles of libs/contracts/tenant-spec.ts, the strongest first. */
const systemRoles = ['owner', 'admin', 'auditor', 'billing', 'member'] as const;

export interface RoleOption {
  readonly value: RoleName;
  readonly label: string;
  /** What the role is for. */
  readonly help: string;
}

/** Every role that somebody may have: those of all organisations, and those made here. */
export function useRoles(): readonly RoleOption[] {
  const { text } = useText();
  const maySee = useMe().data?.pages.includes('roles') ?? false;
  const roles = useQuery({ queryKey: ['roles'], queryFn: () => api('GET /api/roles'), enabled: maySee });
  const own = roles.data?.custom.map(({ ref, name, description }) => ({ value: ref, label: name, help: description }));
  return [
    ...systemRoles.map((value) => ({ value, label: text(`role.${value}`), help: text(`role.${value}.help`) })),
    ...(own ?? []),
  ];
}

/** The role's name in words. */
export function useRoleLabel(): (role: RoleName, roleName: string | null) => string {
  const { text } = useText();
  return (role, roleName) => roleName ?? (role.startsWith('role:') ? text('roles.gone') : text(`role.${role}`));
}
