import type { Condition, PlatformStatus } from '#libs/contracts/object-status.js';
import type { PlatformSpec } from '#libs/contracts/platform-spec.js';
import { type Finding, toConditions } from './conditions.js';
import { knownImages } from './resources/image.js';
import type { RolloutDecision } from './rollout.js';
import type { Rollout } from './rollout-tenant.js';
import type { KubeObject } from './runtime/kube-object.js';

/** What a round over the platform has shown. */
export interface PlatformOutcome {
  /** Whether the shared apps have what they need, and serve where they must. */
  readonly ready: Omit<Finding, 'type'>;
  readonly platform: PlatformSpec;
  readonly decision: RolloutDecision;
  readonly tenants: PlatformStatus['tenants'];
  /** Versions that tenants should have, or do have. */
  readonly versions: ReadonlySet<string>;
}

/** The whole status of the platform after a round. The same round gives the same status. */
export function platformStatus(
  object: KubeObject,
  { ready, platform, decision, tenants, versions }: PlatformOutcome,
  before: PlatformStatus,
  now: Date,
): PlatformStatus {
  const { reached, rollout } = decision;
  const last = rollout?.previousVersion;
  const use = new Set([...versions, reached, ...(last === undefined ? [] : [last])]);
  return {
    observedGeneration: object.metadata.generation ?? 0,
    conditions: conditionsOf(object, [{ ...ready, type: 'Ready' }, ...rolloutFindings(platform, decision)], {
      before: before.conditions,
      now,
    }),
    version: reached,
    ...(tenants === undefined ? {} : { tenants }),
    images: [...knownImages(platform, before.images ?? [], use)],
    ...(rollout === undefined ? {} : { rollout }),
  };
}

/** The status of a platform that nothing can be done with: what was true of its tenants still is. */
export function invalidPlatform(
  object: KubeObject,
  message: string,
  before: PlatformStatus,
  now: Date,
): PlatformStatus {
  const bad = { reason: 'InvalidSpec', message };
  const findings: Finding[] = [
    { ...bad, type: 'Ready', status: 'False' },
    { ...bad, type: 'Stalled', status: 'True' },
  ];
  const conditions = conditionsOf(object, findings, { before: before.conditions, now });
  return { ...before, observedGeneration: object.metadata.generation ?? 0, conditions };
}

function conditionsOf(
  { metadata }: KubeObject,
  findings: readonly Finding[],
  { before = [], now }: { readonly before: readonly Condition[] | undefined; readonly now: Date },
): Condition[] {
  return [...toConditions(findings, before, metadata.generation ?? 0, now)];
}

/**
 * How far the version is, in words of people and of kstatus. A rollout may take days and is not something to wait for
 * with `helm --wait`: only one that stopped makes the platform stalled, none makes it reconciling.
 */
function rolloutFindings(platform: PlatformSpec, { rollout, reached }: RolloutDecision): readonly Finding[] {
  const progressing = progressOf(platform, rollout, reached);
  const isStopped = rollout?.phase === 'Failed' || rollout?.phase === 'RolledBack';
  const stalled: Finding = isStopped
    ? { type: 'Stalled', status: 'True', reason: progressing.reason, message: progressing.message }
    : { type: 'Stalled', status: 'False', reason: 'NotStalled', message: 'Nothing waits for a person.' };
  return [progressing, stalled];
}

function progressOf({ rollout: settings }: PlatformSpec, rollout: Rollout | undefined, reached: string): Finding {
  const type = 'Progressing';
  const everybody = `Every tenant that follows has version ${reached}.`;
  if (rollout === undefined) return { type, status: 'False', reason: 'Complete', message: everybody };
  const { version, ring = 'canary', message = '', previousVersion = reached } = rollout;
  const again = `Correct the fault in a newer version and set spec.version to that one, or set it to ${previousVersion} to stay there.`;
  switch (rollout.phase) {
    case 'Complete':
      return { type, status: 'False', reason: 'Complete', message: everybody };
    case 'Progressing':
      return { type, status: 'True', reason: 'RollingOut', message: `Version ${version} goes to the ring ${ring}.` };
    case 'Soaking': {
      const healthy = `The ring ${ring} is healthy with version ${version}, since ${rollout.ringHealthySince ?? 'now'}`;
      return {
        type,
        status: 'True',
        reason: 'Soaking',
        message: `${healthy}; for ${settings.soakSeconds} s it must be.`,
      };
    }
    case 'Paused':
      return { type, status: 'False', reason: 'RolloutPaused', message };
    case 'Failed':
      return { type, status: 'False', reason: 'RolloutFailed', message: `${message} ${again}` };
    case 'RolledBack': {
      const back = `The ring ${ring} has version ${previousVersion} again.`;
      return { type, status: 'False', reason: 'RolledBack', message: `${message} ${back} ${again}` };
    }
  }
}
