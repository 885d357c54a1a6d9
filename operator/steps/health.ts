import type { ApplyFailure } from '../applier.js';
import type { Finding } from '../conditions.js';
import type { KubeObject } from '../runtime/kube-object.js';

/** What the API server reports of an object, as far as it is read here. */
interface Reported {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
  }[];
}

const aspects = {
  NamespaceReady: ['Namespace', 'ResourceQuota', 'LimitRange', 'ServiceAccount'],
  ConfigReady: ['Secret', 'ConfigMap'],
  NetworkReady: ['NetworkPolicy'],
  WorkloadsAvailable: ['Deployment', 'Service', 'PodDisruptionBudget', 'ServiceMonitor'],
  AutoscalingActive: ['HorizontalPodAutoscaler'],
  RouteReady: ['Ingress', 'HTTPRoute'],
} as const;
type Aspect = keyof typeof aspects;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function reportOf(object: KubeObject): Reported {
  return isObject(object['status']) ? object['status'] : {};
}

/** Why a Deployment does not serve as asked yet; null where it does. */
function notAvailable(
  object: KubeObject,
): { readonly reason: string; readonly message: string; readonly isFinal: boolean } | null {
  const { metadata } = object;
  const status = reportOf(object);
  const spec = isObject(object['spec']) ? object['spec'] : {};
  const wanted = typeof spec['replicas'] === 'number' ? spec['replicas'] : 1;
  const stuck = status.conditions?.find(({ type, status: is }) => type === 'Progressing' && is === 'False');
  if (stuck !== undefined && (status.availableReplicas ?? 0) < wanted)
    return {
      reason: stuck.reason ?? 'Stuck',
      message: `${metadata.name}: ${stuck.message ?? 'no progress'}`,
      isFinal: true,
    };
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0) || (status.updatedReplicas ?? 0) < wanted)
    return {
      reason: 'RollingOut',
      message: `${metadata.name}: ${status.updatedReplicas ?? 0} of ${wanted} pods are new`,
      isFinal: false,
    };
  if ((status.availableReplicas ?? 0) < wanted || (status.replicas ?? 0) > wanted)
    return {
      reason: 'RollingOut',
      message: `${metadata.name}: ${status.availableReplicas ?? 0} of ${wanted} pods serve`,
      isFinal: false,
    };
  return null;
}

function workloadsFinding(live: readonly KubeObject[]): Finding {
  const type = 'WorkloadsAvailable';
  if (!live.some(({ kind }) => kind === 'Deployment'))
    return { type, status: 'Unknown', reason: 'Waiting', message: 'The apps have not been made yet.' };
  const troubles = live.filter(({ kind }) => kind === 'Deployment').flatMap((object) => notAvailable(object) ?? []);
  const [worst] = troubles.toSorted((a, b) => Number(b.isFinal) - Number(a.isFinal));
  if (worst === undefined) return { type, status: 'True', reason: 'Available', message: 'Every app serves.' };
  const message = `${troubles.map((trouble) => trouble.message).join('; ')}.`;
  return { type, status: worst.isFinal ? 'False' : 'Unknown', reason: worst.reason, message };
}

function autoscalingFinding(live: readonly KubeObject[]): Finding {
  const type = 'AutoscalingActive';
  const blind = live.flatMap((object) => {
    if (object.kind !== 'HorizontalPodAutoscaler') return [];
    const condition = reportOf(object).conditions?.find(
      (one) => one.type === 'ScalingActive' && one.status === 'False',
    );
    return condition === undefined
      ? []
      : [`${object.metadata.name}: ${condition.message ?? condition.reason ?? 'no metrics'}`];
  });
  if (blind.length === 0)
    return { type, status: 'True', reason: 'Scaling', message: 'The autoscalers see their metrics.' };
  return { type, status: 'False', reason: 'NoMetrics', message: `${blind.join('; ')}.` };
}

const applied: Readonly<Record<Aspect, string>> = {
  NamespaceReady: 'The namespace and what bounds it are there.',
  ConfigReady: 'The pods find their configuration.',
  NetworkReady: 'Only what is needed may pass.',
  WorkloadsAvailable: '',
  AutoscalingActive: '',
  RouteReady: 'Requests from outside reach the apps.',
};

function refused(type: Aspect, failures: readonly ApplyFailure[]): Finding | null {
  const mine = failures.filter(({ object }) => aspects[type].some((kind) => kind === object.kind));
  const [first] = mine;
  if (first === undefined) return null;
  const message = mine
    .map(({ object, error }) => `${object.kind} ${object.metadata.name}: ${error.message}`)
    .join('; ');
  return { type, status: 'False', reason: first.error.reason, message };
}

/** What applying showed, aspect by aspect. `isAwake`: the tenant has pods and autoscalers. */
export function healthOf(
  live: readonly KubeObject[],
  failures: readonly ApplyFailure[],
  isAwake: boolean,
): readonly Finding[] {
  const kinds = new Set(live.map(({ kind }) => kind));
  return (Object.keys(aspects) as Aspect[]).flatMap((type): Finding[] => {
    const failed = refused(type, failures);
    if (failed !== null) return [failed];
    if (type === 'WorkloadsAvailable') return isAwake ? [workloadsFinding(live)] : [];
    if (type === 'AutoscalingActive') return kinds.has('HorizontalPodAutoscaler') ? [autoscalingFinding(live)] : [];
    if (!aspects[type].some((kind) => kinds.has(kind))) return [];
    return [{ type, status: 'True', reason: 'Applied', message: applied[type] }];
  });
}
