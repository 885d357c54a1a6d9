import type { KubeObject } from './runtime/kube-object.js';
import type { Priority } from './runtime/work-queue.js';
import { readStatus } from './tenant-work.js';

/**
 * How soon a tenant is looked at that a new leader finds: those that are served as they ask can wait, and there may be
 * thousands of them before the one that somebody applied while nobody led.
 */
export function firstPriority(object: KubeObject): Priority {
  const { generation, deletionTimestamp } = object.metadata;
  const { conditions = [], observedGeneration } = readStatus(object);
  const isReady = conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  return isReady && observedGeneration === generation && deletionTimestamp === undefined ? 'resync' : 'user';
}
