import { ShardStatus } from '#libs/contracts/object-status.js';
import type { KubeObject } from './runtime/kube-object.js';

/** Reason of the condition Ready of a shard whose server does not answer. */
export const unreachable = 'Unreachable';

/** Whether a DatabaseShard says of itself that its server does not answer. */
export function isUnreachable(shard: KubeObject | undefined): boolean {
  const { conditions = [] } = ShardStatus.safeParse(shard?.['status'] ?? {}).data ?? {};
  return conditions.some(
    ({ type, status, reason }) => type === 'Ready' && status === 'False' && reason === unreachable,
  );
}
