import type { PersonView } from '#libs/contracts/admin-api.js';

export type RoleName = PersonView['role'];

/** The roles of libs/contracts/tenant-spec.ts, the strongest first. */
export const roleNames: readonly RoleName[] = ['owner', 'admin', 'auditor', 'billing', 'member'];
