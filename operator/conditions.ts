import type { Condition } from '#libs/contracts/object-status.js';

/** One thing that was found out about an object. */
export interface Finding {
  readonly type: string;
  readonly status: Condition['status'];
  /** One CamelCase word for programs, and for the column of `kubectl get`. */
  readonly reason: string;
  /** A sentence for whoever wrote the manifest: what is wrong, and what to do. */
  readonly message: string;
}

/** The API server refuses longer ones. */
const longestMessage = 32_768;

/** Findings in the form of the API; a condition keeps its time for as long as its status is the same. */
export function toConditions(
  findings: readonly Finding[],
  before: readonly Condition[],
  generation: number,
  now: Date,
): readonly Condition[] {
  const known = new Map(before.map((condition) => [condition.type, condition]));
  return findings.map(({ type, status, reason, message }) => {
    const old = known.get(type);
    const isSame = old?.status === status;
    return {
      type,
      status,
      observedGeneration: generation,
      lastTransitionTime: isSame ? old.lastTransitionTime : now.toISOString().replace(/\.\d+Z$/, 'Z'),
      reason,
      message: message.slice(0, longestMessage),
    };
  });
}

/** `no_shard` as `NoShard`. */
export function reasonOf(code: string): string {
  return code
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
}
