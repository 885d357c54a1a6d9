import type { CustomRole } from '../domain/custom-role.js';

/** What refers to a role. */
export interface RoleUses {
  readonly people: number;
  /** Invitations that may still be used. */
  readonly invitations: number;
  readonly groups: number;
}

/** Roles that one tenant has made itself. Bound to it and to one transaction. */
export abstract class RoleStore {
  /** By name. */
  abstract all(): Promise<readonly CustomRole[]>;
  abstract byId(id: string): Promise<CustomRole | null>;
  /** The same, and nobody else changes, gives or deletes the role until this transaction ends. */
  abstract lock(id: string): Promise<CustomRole | null>;
  /** @throws {AppError} conflict when a role has the name */
  abstract add(role: CustomRole): Promise<void>;
  /** @throws {AppError} conflict when another role has the name */
  abstract save(role: CustomRole): Promise<void>;
  abstract uses(id: string, now: Date): Promise<RoleUses>;
  abstract remove(id: string): Promise<void>;
}
