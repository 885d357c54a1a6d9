import { type PackRule, packRules, unpackRules } from '@casl/ability/extra';
import type { CustomRole } from '#libs/identity/domain/custom-role.js';
import type { RoleRule } from '#libs/identity/domain/rights.js';

export interface CustomRoleRecord extends Omit<CustomRole, 'rules'> {
  readonly rules: PackRule<RoleRule>[];
}

export function customRoleFrom({ rules, ...row }: CustomRoleRecord): CustomRole {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    rules: unpackRules(rules),
    version: row.version,
    createdAt: row.createdAt,
    changedAt: row.changedAt,
    changedBy: row.changedBy,
  };
}

/** The rules as they are kept: CASL's short form, as JSON. */
export function packedRules(rules: readonly RoleRule[]): string {
  return JSON.stringify(packRules(rules));
}
