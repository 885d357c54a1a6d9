import { until } from '../support/until.js';
import type { OperatedCluster } from './operated-cluster.js';

export interface SeenCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

interface SeenStatus {
  readonly status?: { readonly conditions?: readonly SeenCondition[] };
}

/** What the operator says of an object such as `wt/acme`, by the type of the condition. */
export async function conditionOf(
  cluster: OperatedCluster,
  object: string,
  type: string,
): Promise<SeenCondition | undefined> {
  const { status } = await cluster.get<SeenStatus>(object);
  return status?.conditions?.find((condition) => condition.type === type);
}

/** Waits until a condition has this reason, and gives it. */
export async function becomes(
  cluster: OperatedCluster,
  [object, type, reason]: readonly [object: string, type: string, reason: string],
  timeoutMs?: number,
): Promise<SeenCondition> {
  let last: SeenCondition | undefined;
  const look = async () => {
    last = await conditionOf(cluster, object, type);
    return last?.reason === reason ? last : null;
  };
  return until(look, timeoutMs).catch(() => {
    throw new Error(`${object} never said ${type} ${reason}, but ${JSON.stringify(last)}`);
  });
}
