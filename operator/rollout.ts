import { ringNames } from '#libs/contracts/tenant-placement.js';
import {
  type Assignment,
  deadlineOf,
  isOverdue,
  isSettled,
  nextOf,
  rankOf,
  type Rollout,
  type RolloutInput,
  type RolloutTenant,
  underWay,
} from './rollout-tenant.js';

/** What is done now, and what the status says from now on. */
export interface RolloutDecision {
  /** Version that every tenant has. */
  readonly reached: string;
  /** Undefined as long as there has been nothing to roll out. */
  readonly rollout: Rollout | undefined;
  readonly assignments: readonly Assignment[];
  /** When time alone may change the decision; null where only an event can. */
  readonly lookAgainMs: number | null;
}

/** A pod that crashed is away for longer, one that an autoscaler adds is seen to come sooner. */
const longestBlipMs = 5_000;
/** The status keeps no more names. */
const mostFailed = 100;

/**
 * Decides which tenants get which version now. Ring by ring, each of them healthy for a while before the next; a
 * failure beyond what is allowed stops all of it. The same input always gives the same decision, and whatever was
 * decided before and not done is decided again.
 */
export function decideRollout(input: RolloutInput): RolloutDecision {
  const rollout = begun(input);
  if (rollout === undefined) return follow(input, undefined);
  switch (rollout.phase) {
    case 'Complete':
      return follow(input, rollout);
    case 'Failed':
    case 'RolledBack':
      return bringBack(input, rollout);
    case 'Progressing':
    case 'Soaking':
    case 'Paused':
      return advance(input, rollout);
  }
}

/** The rollout of the platform's version: the one before, or a new one. */
function begun({ before, version, reached }: RolloutInput): Rollout | undefined {
  if (before?.version === version) return before;
  if (before === undefined && version === reached) return undefined;
  return { version, previousVersion: reached, ring: 'canary', phase: 'Progressing' };
}

/** Back to the version that everybody had: it needs no proof, and no failure keeps the next tenant from it. */
function isReturn({ version, reached }: RolloutInput): boolean {
  return version === reached;
}

function advance(input: RolloutInput, before: Rollout): RolloutDecision {
  const ring = before.ring ?? 'canary';
  const called = input.tenants.filter((tenant) => rankOf(tenant.ring) <= rankOf(ring));
  const failed = failedOf(input, before, called);
  const rollout: Rollout = { ...plain(before), ring, ...(failed.length === 0 ? {} : { failed }) };
  if (stops(input, failed)) return bringBack(input, { ...rollout, phase: 'Failed', message: verdict(input, failed) });
  const left = called.filter(({ name }) => failed.includes(name));
  const open = called.filter(({ name }) => !failed.includes(name));
  const back = backFor(left, input, rollout);
  const waiting = open.filter(({ version }) => version !== input.version);
  const isPaused = input.settings.paused;
  if (waiting.length > 0 && !isPaused)
    return going(input, { ...rollout, phase: 'Progressing' }, [...back, ...nextOf(waiting, input.version, input)]);
  if (waiting.length > 0 || (isPaused && !hasMoving(open, input)))
    return going(input, paused(rollout, before, waiting.length === 0), back);
  const blipMs = blipLeftMs(open, before, input);
  if (blipMs !== null) return going(input, soaking(rollout, before), back, blipMs);
  if (hasMoving(open, input)) return going(input, { ...rollout, phase: 'Progressing' }, back);
  return soak(input, rollout, { before, open, back });
}

/** The ring is healthy: it stays so for a while, and then the next one has its turn. */
function soak(
  input: RolloutInput,
  rollout: Rollout,
  {
    before,
    open,
    back,
  }: {
    readonly before: Rollout;
    readonly open: readonly RolloutTenant[];
    readonly back: readonly Assignment[];
  },
): RolloutDecision {
  const ring = rollout.ring ?? 'canary';
  const proves = open.some((tenant) => tenant.ring === ring && !tenant.isAsleep);
  const since = new Date(before.ringHealthySince ?? input.now).getTime();
  const leftMs = since + input.settings.soakSeconds * 1000 - input.now.getTime();
  if (proves && leftMs > 0 && !isReturn(input))
    return going(input, { ...rollout, phase: 'Soaking', ringHealthySince: timeOf(new Date(since)) }, back, leftMs);
  const next = ringNames[rankOf(ring) + 1];
  if (next !== undefined) {
    const { assignments, ...decision } = advance(input, { ...rollout, ring: next, phase: 'Progressing' });
    return { ...decision, assignments: [...back, ...assignments] };
  }
  const done: Rollout = { ...rollout, phase: 'Complete' };
  return { reached: input.version, rollout: done, assignments: back, lookAgainMs: null };
}

/** Once everybody has the version: whoever did not follow then, and does now, gets it too. */
function follow(input: RolloutInput, rollout: Rollout | undefined): RolloutDecision {
  const { settings, tenants, version } = input;
  const failed = rollout?.failed ?? [];
  const waiting = tenants.filter((tenant) => tenant.version !== version && !failed.includes(tenant.name));
  const assignments = settings.paused ? [] : nextOf(waiting, version, input);
  return { reached: version, rollout, assignments, lookAgainMs: firstDeadline(input) };
}

/** A stopped rollout: its ring gets the version back that it had. */
function bringBack(input: RolloutInput, rollout: Rollout): RolloutDecision {
  const failed = rollout.failed ?? [];
  const touched = input.tenants.filter(({ ring, name }) => ring === rollout.ring || failed.includes(name));
  const assignments = backFor(touched, input, rollout);
  const stays = rollout.phase === 'RolledBack' || !canGoBack(input, rollout);
  const isBack = touched.every(({ version }) => version !== rollout.version);
  return going(input, !stays && isBack ? { ...rollout, phase: 'RolledBack' } : rollout, assignments);
}

function canGoBack({ settings }: RolloutInput, { previousVersion, version }: Rollout): boolean {
  return settings.rollback && previousVersion !== undefined && previousVersion !== version;
}

function backFor(tenants: readonly RolloutTenant[], input: RolloutInput, rollout: Rollout): readonly Assignment[] {
  const { previousVersion } = rollout;
  if (previousVersion === undefined || !canGoBack(input, rollout)) return [];
  return nextOf(
    tenants.filter(({ version }) => version === rollout.version),
    previousVersion,
    input,
  );
}

function failedOf(input: RolloutInput, before: Rollout, called: readonly RolloutTenant[]): string[] {
  if (isReturn(input)) return [];
  const overdue = called.filter((tenant) => tenant.version === input.version && isOverdue(tenant, input));
  const known = before.failed ?? [];
  const fresh = overdue.map(({ name }) => name).filter((name) => !known.includes(name));
  return [...known, ...fresh.sort()].slice(0, mostFailed);
}

function stops(input: RolloutInput, failed: readonly string[]): boolean {
  if (failed.length >= mostFailed) return true;
  const perRing = ringNames.map(
    (ring) => input.tenants.filter((tenant) => tenant.ring === ring && failed.includes(tenant.name)).length,
  );
  return Math.max(...perRing) > input.settings.maxFailures;
}

function hasMoving(open: readonly RolloutTenant[], input: RolloutInput): boolean {
  const moving = open.filter((tenant) => tenant.version === input.version && !isSettled(tenant));
  return (isReturn(input) ? underWay(moving, input) : moving).length > 0;
}

/**
 * How long what keeps the ring from being healthy is still too short to count, in ms; null where it counts, or where
 * nothing does. An autoscaler that begins to add a pod makes a tenant look unready for a moment.
 */
function blipLeftMs(open: readonly RolloutTenant[], { phase }: Rollout, { version, now }: RolloutInput): number | null {
  const moving = open.filter((tenant) => tenant.version === version && !isSettled(tenant));
  if (phase !== 'Soaking' || moving.length === 0) return null;
  const ends = moving.map(({ running, since }) => (running === version ? since.getTime() + longestBlipMs : 0));
  const leftMs = Math.min(...ends) - now.getTime();
  return leftMs > 0 ? leftMs : null;
}

function soaking(rollout: Rollout, { ringHealthySince }: Rollout): Rollout {
  return { ...rollout, phase: 'Soaking', ...(ringHealthySince === undefined ? {} : { ringHealthySince }) };
}

function going(
  input: RolloutInput,
  rollout: Rollout,
  assignments: readonly Assignment[],
  leftMs = Number.POSITIVE_INFINITY,
): RolloutDecision {
  const soonest = Math.min(leftMs, firstDeadline(input) ?? Number.POSITIVE_INFINITY);
  const lookAgainMs = Number.isFinite(soonest) ? Math.max(1, soonest) : null;
  return { reached: input.reached, rollout, assignments, lookAgainMs };
}

/** When the first tenant that is under way has failed. */
function firstDeadline(input: RolloutInput): number | null {
  const left = underWay(input.tenants, input).map((tenant) => deadlineOf(tenant, input.settings) - input.now.getTime());
  return left.length === 0 ? null : Math.max(1, Math.min(...left));
}

/** Without what only holds for a moment. */
function plain({ version, previousVersion, failed }: Rollout): Omit<Rollout, 'phase'> & { phase: 'Progressing' } {
  return {
    version,
    phase: 'Progressing',
    ...(previousVersion === undefined ? {} : { previousVersion }),
    ...(failed === undefined ? {} : { failed }),
  };
}

/** A ring that was healthy goes on to be so while the rollout stands still. */
function paused(rollout: Rollout, { ringHealthySince }: Rollout, isHealthy: boolean): Rollout {
  const message = 'spec.rollout.paused is set: no further tenant begins.';
  return {
    ...rollout,
    phase: 'Paused',
    message,
    ...(isHealthy && ringHealthySince !== undefined && { ringHealthySince }),
  };
}

function verdict({ settings, version }: RolloutInput, failed: readonly string[]): string {
  const names = failed.slice(0, 10).join(', ');
  const more = failed.length > 10 ? ` and ${failed.length - 10} more` : '';
  return `Not Ready within ${settings.readyTimeoutSeconds} s at version ${version}: ${names}${more}.`;
}

/** A moment as the API writes it. */
export function timeOf(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, 'Z');
}
