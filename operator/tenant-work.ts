import type { PlatformSpec } from '#libs/contracts/platform-spec.js';
import { TenantStatus } from '#libs/contracts/object-status.js';
import { TenantSpec } from '#libs/contracts/tenant-spec.js';
import { annotations } from './kinds.js';
import type { KubeObject } from './runtime/kube-object.js';
import { specFaults } from './spec-faults.js';

/** One tenant on its way through the steps. */
export interface TenantWork {
  readonly object: KubeObject;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly spec: TenantSpec;
  /** As it was before this round. */
  readonly status: TenantStatus;
  readonly platform: PlatformSpec;
  /** Version of the platform that it should run. */
  readonly version: string;
  readonly signal: AbortSignal;
}

/** A spec that passed the contract, or what is wrong with it. */
export type ReadSpec =
  { readonly kind: 'valid'; readonly spec: TenantSpec } | { readonly kind: 'invalid'; readonly message: string };

/** The API server has checked most of it; what no rule of its can say is checked here. */
export function readSpec(object: KubeObject): ReadSpec {
  const parsed = TenantSpec.safeParse(object['spec']);
  if (parsed.success) return { kind: 'valid', spec: parsed.data };
  return { kind: 'invalid', message: `${specFaults(parsed.error)}. Correct the manifest and apply it again.` };
}

/** The status of a tenant; what is not ours to read is left out. */
export function readStatus(object: KubeObject): TenantStatus {
  const parsed = TenantStatus.safeParse(object['status'] ?? {});
  return parsed.success ? parsed.data : {};
}

/** Whether somebody asked the operator to keep its hands off. */
export function isPaused({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[annotations.paused] === 'true';
}

/** The version of the spec, of a rollout, or of the platform as it last was for everybody. */
export function versionFor(
  object: KubeObject,
  spec: TenantSpec,
  platform: { spec: PlatformSpec; reached: string | null },
): string {
  const assigned = object.metadata.annotations?.[annotations.assignedVersion];
  return spec.platformVersion ?? assigned ?? platform.reached ?? platform.spec.version;
}
