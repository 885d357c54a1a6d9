import { rankOf, type Rollout, type RolloutTenant } from './rollout-tenant.js';
import { ringNames } from '#libs/contracts/tenant-placement.js';

/** Something of a rollout that people are told. */
export interface RolloutNews {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
}

/** What is new in a rollout since `before`, in the order it happened. */
export function rolloutNews(
  before: Rollout | undefined,
  after: Rollout | undefined,
  tenants: readonly RolloutTenant[],
): readonly RolloutNews[] {
  if (after === undefined) return [];
  const known = before?.version === after.version ? before : undefined;
  return [
    ...(known === undefined ? [started(after)] : []),
    ...failures(known, after),
    ...rings(known, after, tenants),
    ...turns(known, after),
  ];
}

function started({ version, previousVersion }: Rollout): RolloutNews {
  const before = previousVersion === undefined ? '' : ` Every tenant that follows had ${previousVersion} before.`;
  return normal('RolloutStarted', `Version ${version} goes to the tenants, ring by ring.${before}`);
}

function failures(before: Rollout | undefined, { version, failed = [] }: Rollout): readonly RolloutNews[] {
  const known = new Set(before?.failed);
  return failed
    .filter((name) => !known.has(name))
    .map((name) =>
      warning('RolloutTenantFailed', `Tenant ${name} did not become Ready in time at version ${version}.`),
    );
}

/** Rings that were left behind; one without a tenant is not worth a word. */
function rings(
  before: Rollout | undefined,
  { version, ring, phase }: Rollout,
  tenants: readonly RolloutTenant[],
): readonly RolloutNews[] {
  const from = rankOf(before?.ring ?? 'canary');
  const to = phase === 'Complete' ? ringNames.length : rankOf(ring ?? 'canary');
  if (before?.phase === 'Complete') return [];
  return ringNames
    .slice(from, to)
    .filter((name) => tenants.some((tenant) => tenant.ring === name))
    .map((name) => normal('RolloutRingDone', `The ring ${name} has version ${version}.`));
}

function turns(before: Rollout | undefined, after: Rollout): readonly RolloutNews[] {
  if (before?.phase === after.phase) return [];
  const { version, previousVersion, message = '' } = after;
  const resumed = before?.phase === 'Paused' ? [normal('RolloutResumed', `Version ${version} goes on.`)] : [];
  switch (after.phase) {
    case 'Paused':
      return [normal('RolloutPaused', `Version ${version}: ${message}`)];
    case 'Failed':
      return [...resumed, warning('RolloutFailed', message)];
    case 'RolledBack':
      return [warning('RolloutRolledBack', `The stopped ring has version ${previousVersion ?? 'unknown'} again.`)];
    case 'Complete':
      return [...resumed, normal('RolloutFinished', `Every tenant that follows has version ${version}.`)];
    case 'Progressing':
    case 'Soaking':
      return resumed;
  }
}

function normal(reason: string, note: string): RolloutNews {
  return { type: 'Normal', reason, note };
}

function warning(reason: string, note: string): RolloutNews {
  return { type: 'Warning', reason, note };
}
