import type { PlatformSpec } from '#libs/contracts/platform-spec.js';
import { TenantStatus } from '#libs/contracts/object-status.js';
import { TenantSpec } from '#libs/contracts/tenant-spec.js';
import { annotations } from './kinds.js';
import { remembered } from './remembered.js';
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
  /** Image of that version. */
  readonly image: string;
  readonly signal: AbortSignal;
}

/** A spec that passed the contract, or what is wrong with it. */
export type ReadSpec =
  { readonly kind: 'valid'; readonly spec: TenantSpec } | { readonly kind: 'invalid'; readonly message: string };

const specOf = remembered((source): ReadSpec => {
  const parsed = TenantSpec.safeParse(source);
  if (parsed.success) return { kind: 'valid', spec: parsed.data };
  return { kind: 'invalid', message: `${specFaults(parsed.error)}. Correct the manifest and apply it again.` };
});
const statusOf = remembered((source): TenantStatus => TenantStatus.safeParse(source ?? {}).data ?? {});

/** The API server has checked most of it; what no rule of its can say is checked here. */
export function readSpec(object: KubeObject): ReadSpec {
  return specOf(object['spec']);
}

/** The spec of a tenant; null where it is not valid. */
export function validSpec(object: KubeObject): TenantSpec | null {
  const read = readSpec(object);
  return read.kind === 'valid' ? read.spec : null;
}

/** The status of a tenant; what is not ours to read is left out. */
export function readStatus(object: KubeObject): TenantStatus {
  return statusOf(object['status']);
}

/** Whether somebody asked the operator to keep its hands off. */
export function isPaused({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[annotations.paused] === 'true';
}
