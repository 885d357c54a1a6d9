import type { PlatformSpec } from '#libs/contracts/platform-spec.js';
import type { TenantSpec } from '#libs/contracts/tenant-spec.js';
import type { AppName, Resources } from '#libs/contracts/workload-settings.js';
import { amountOf } from './quantity.js';

/** Bounds of one app's pods, complete. `load` is its own measure: open sockets, or running calls. */
export interface AppScaling {
  readonly min: number;
  readonly max: number;
  readonly targetCpu: number;
  readonly targetLoad: number | null;
}

/**
 * One process answers from one core, so that pods are added well before it is busy. 500 sockets are what a
 * process of the default memory holds at ease while half of them stream; 50 calls keep a router's queue short.
 */
const defaultScaling: Readonly<Record<AppName, AppScaling>> = {
  chat: { min: 1, max: 10, targetCpu: 70, targetLoad: 500 },
  router: { min: 1, max: 10, targetCpu: 70, targetLoad: 50 },
  admin: { min: 1, max: 3, targetCpu: 70, targetLoad: null },
};

/** A process at rest takes 150 MB; the limit leaves room for uploads and long answers. CPU is not held back. */
const defaultResources = {
  chat: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '768Mi' } },
  router: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '768Mi' } },
  admin: { requests: { cpu: '50m', memory: '192Mi' }, limits: { memory: '512Mi' } },
} as const;

type Amount = string | number | undefined;

interface OwnScaling {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly targetCpu?: number | undefined;
  readonly targetSockets?: number | undefined;
  readonly targetInFlight?: number | undefined;
}

/** `own` over `base`. A bound that was said pulls along the one that was not. */
function scalingOver(base: AppScaling, own: OwnScaling | undefined): AppScaling {
  const min = own?.min ?? (own?.max === undefined ? base.min : Math.min(base.min, own.max));
  return {
    min,
    max: own?.max ?? Math.max(base.max, min),
    targetCpu: own?.targetCpu ?? base.targetCpu,
    targetLoad: own?.targetSockets ?? own?.targetInFlight ?? base.targetLoad,
  };
}

/** How one app of a tenant scales: what the tenant says, then the platform, then the defaults. */
export function scalingOf(platform: PlatformSpec, spec: TenantSpec, app: AppName): AppScaling {
  return scalingOver(scalingOver(defaultScaling[app], platform.autoscaling?.[app]), spec.autoscaling?.[app]);
}

/** A request above a limit that nobody chose would be refused by the API server: the limit goes along. */
function limitOver(limit: Amount, request: Amount): Amount {
  return (amountOf(request) ?? 0) > (amountOf(limit) ?? Infinity) ? request : limit;
}

/** CPU and memory of one app's container. */
export function resourcesOf(platform: PlatformSpec, app: AppName): Resources {
  const own = platform.resources?.[app];
  const base = defaultResources[app];
  const requests = { ...base.requests, ...own?.requests };
  const limits = { ...base.limits, memory: limitOver(base.limits.memory, requests.memory), ...own?.limits };
  return { requests, limits };
}
