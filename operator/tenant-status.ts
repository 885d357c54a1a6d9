import type { TenantStatus } from '#libs/contracts/object-status.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { type Finding, toConditions } from './conditions.js';
import type { Drift } from './drift.js';
import { namespaceOf, podSelector } from './resources/names.js';
import type { KubeObject } from './runtime/kube-object.js';
import type { TenantWork } from './tenant-work.js';

/** What a round over a tenant has shown. */
export interface Outcome {
  readonly findings: readonly Finding[];
  readonly compiled: Tenant | null;
  /** Its objects as they are now. */
  readonly live: readonly KubeObject[];
  /** How many it should have. */
  readonly desired: number;
  readonly drift: readonly Drift[];
  /** Only another manifest helps. */
  readonly isStalled: boolean;
}

/** Findings that say something without keeping the tenant from serving. */
const sideFindings = new Set(['AutoscalingActive']);

function readyOf({ spec }: TenantWork, findings: readonly Finding[]): Finding {
  const type = 'Ready';
  if (spec.suspended === true)
    return {
      type,
      status: 'False',
      reason: 'Suspended',
      message: 'spec.suspended is set: nothing is served, nothing is deleted.',
    };
  const essential = findings.filter((finding) => !sideFindings.has(finding.type));
  const open =
    essential.find(({ status }) => status === 'False') ?? essential.find(({ status }) => status === 'Unknown');
  if (open !== undefined)
    return { type, status: 'False', reason: open.reason, message: `${open.type}: ${open.message}` };
  if (spec.hibernate?.enabled === true)
    return { type, status: 'False', reason: 'Hibernated', message: 'spec.hibernate.enabled is set: no pod runs.' };
  return { type, status: 'True', reason: 'Ready', message: 'The organisation is served.' };
}

/** The words kstatus reads: at work, or stuck until somebody changes the manifest. */
function progress(ready: Finding, isStalled: boolean): readonly Finding[] {
  const isAtRest = ready.status === 'True' || ready.reason === 'Suspended' || ready.reason === 'Hibernated';
  const isWorking = !isAtRest && !isStalled;
  return [
    {
      type: 'Reconciling',
      status: isWorking ? 'True' : 'False',
      reason: isWorking ? ready.reason : 'AtRest',
      message: isWorking ? ready.message : 'There is nothing left to do.',
    },
    {
      type: 'Stalled',
      status: isStalled ? 'True' : 'False',
      reason: isStalled ? ready.reason : 'NotStalled',
      message: isStalled ? ready.message : 'Nothing waits for a person.',
    },
  ];
}

function phaseOf(ready: Finding, isStalled: boolean, before: TenantStatus['phase']): TenantStatus['phase'] {
  if (ready.reason === 'Suspended') return 'Suspended';
  if (ready.reason === 'Hibernated') return 'Hibernated';
  if (ready.status === 'True') return 'Ready';
  if (isStalled) return 'Failed';
  return before === 'Ready' || before === 'Degraded' ? 'Degraded' : 'Provisioning';
}

function endpointsOf({ platform, spec }: TenantWork, compiled: Tenant | null): TenantStatus['endpoints'] {
  const host = compiled?.hosts[0];
  if (host === undefined) return [];
  const isSecure =
    platform.publicUrl?.startsWith('https:') ??
    (spec.domains ?? []).some(({ tlsSecretRef }) => tlsSecretRef !== undefined);
  const port = platform.publicUrl === undefined ? '' : new URL(platform.publicUrl).port;
  const base = (name: string) => `${isSecure ? 'https' : 'http'}://${name}${port === '' ? '' : `:${port}`}`;
  return [
    { name: 'admin', url: base(`admin.${host}`) },
    { name: 'api', url: `${base(host)}/v1` },
    { name: 'chat', url: base(host) },
  ];
}

/** Pods of the chat, which the scale subresource is about. */
function replicasOf(live: readonly KubeObject[]): Pick<TenantStatus, 'replicas' | 'readyReplicas' | 'selector'> {
  const chat = live.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'chat');
  if (chat === undefined) return {};
  const status = (chat['status'] ?? {}) as { replicas?: number; readyReplicas?: number };
  const selector = Object.entries(podSelector('chat').matchLabels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
  return { replicas: status.replicas ?? 0, readyReplicas: status.readyReplicas ?? 0, selector };
}

function driftOf(before: TenantStatus['drift'], drift: readonly Drift[], now: Date): Pick<TenantStatus, 'drift'> {
  const last = drift.at(-1);
  if (last === undefined) return before === undefined ? {} : { drift: before };
  const { object, path, manager } = last;
  const time = now.toISOString().replace(/\.\d+Z$/, 'Z');
  return { drift: { count: (before?.count ?? 0) + drift.length, object: `${object} ${path}`.trim(), manager, time } };
}

/** The version it runs is the one it was asked to run, from the moment all of it serves. */
function versionsOf(
  { version, status }: TenantWork,
  isReady: boolean,
): Pick<TenantStatus, 'platformVersion' | 'previousVersion'> {
  const { platformVersion, previousVersion } = status;
  if (!isReady || platformVersion === version) {
    return {
      ...(platformVersion === undefined ? {} : { platformVersion }),
      ...(previousVersion === undefined ? {} : { previousVersion }),
    };
  }
  return { platformVersion: version, ...(platformVersion === undefined ? {} : { previousVersion: platformVersion }) };
}

/** The whole status of a tenant after a round. The same round gives the same status. */
export function tenantStatus(work: TenantWork, outcome: Outcome, now: Date): TenantStatus {
  const { compiled, findings, isStalled, live, desired, drift } = outcome;
  const ready = readyOf(work, findings);
  const all = [ready, ...progress(ready, isStalled), ...findings];
  const isDedicated = work.spec.isolation === 'dedicated';
  return {
    observedGeneration: work.generation,
    phase: phaseOf(ready, isStalled, work.status.phase),
    conditions: [...toConditions(all, work.status.conditions ?? [], work.generation, now)],
    ...(isDedicated || hasAccess(findings) ? { namespace: namespaceOf(work.name) } : {}),
    ...(compiled === null ? placeBefore(work.status) : { shard: compiled.shard, schema: compiled.schema }),
    ...versionsOf(work, ready.status === 'True'),
    ...(compiled?.hosts[0] === undefined ? {} : { host: compiled.hosts[0] }),
    endpoints: endpointsOf(work, compiled),
    ...(isDedicated ? { ...replicasOf(live), children: { desired, ready: live.length } } : {}),
    ...driftOf(work.status.drift, drift, now),
  };
}

/** A tenant that became pooled keeps its namespace in the status until its logins are taken back. */
function hasAccess(findings: readonly Finding[]): boolean {
  return findings.some(({ type }) => type === 'AccessReady');
}

function placeBefore({ shard, schema }: TenantStatus): Pick<TenantStatus, 'shard' | 'schema'> {
  return { ...(shard === undefined ? {} : { shard }), ...(schema === undefined ? {} : { schema }) };
}
