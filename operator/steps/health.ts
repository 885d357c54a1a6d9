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

interface Trouble {
  readonly reason: string;
  readonly message: string;
  readonly isFinal: boolean;
}

function numberIn(object: KubeObject, field: string): number | null {
  const spec = isObject(object['spec']) ? object['spec'] : {};
  return typeof spec[field] === 'number' ? spec[field] : null;
}

/** Pods that must serve: while an autoscaler adds more, those it began with are enough. */
function leastOf(deployment: KubeObject, siblings: readonly KubeObject[]): number {
  const wanted = numberIn(deployment, 'replicas') ?? 1;
  const status = reportOf(deployment);
  const rollout = status.conditions?.find(({ type }) => type === 'Progressing');
  const isScaling = rollout?.reason === 'NewReplicaSetAvailable' && status.updatedReplicas === status.replicas;
  const scaler = siblings.find(
    ({ kind, metadata }) => kind === 'HorizontalPodAutoscaler' && metadata.name === deployment.metadata.name,
  );
  if (!isScaling || scaler === undefined) return wanted;
  return Math.min(wanted, numberIn(scaler, 'minReplicas') ?? 1);
}

/** What a Deployment still lacks; null where it serves as asked. */
function lackOf(object: KubeObject, siblings: readonly KubeObject[]): string | null {
  const { generation = 0 } = object.metadata;
  const { availableReplicas = 0, updatedReplicas = 0, replicas = 0, observedGeneration = 0 } = reportOf(object);
  const wanted = numberIn(object, 'replicas') ?? 1;
  const least = leastOf(object, siblings);
  if (observedGeneration < generation || updatedReplicas < least) return `${updatedReplicas} of ${wanted} pods are new`;
  const hasOld = replicas > wanted && replicas !== updatedReplicas;
  return availableReplicas < least || hasOld ? `${availableReplicas} of ${wanted} pods serve` : null;
}

/** Why a Deployment does not serve as asked yet; null where it does. */
function notAvailable(object: KubeObject, siblings: readonly KubeObject[]): Trouble | null {
  const lack = lackOf(object, siblings);
  if (lack === null) return null;
  const { name } = object.metadata;
  const stuck = reportOf(object).conditions?.find(({ type, status }) => type === 'Progressing' && status === 'False');
  if (stuck === undefined) return { reason: 'RollingOut', message: `${name}: ${lack}`, isFinal: false };
  return { reason: stuck.reason ?? 'Stuck', message: `${name}: ${stuck.message ?? 'no progress'}`, isFinal: true };
}

/**
 * Every pod of a Deployment is of its newest template, and as many serve as must. `siblings`: objects of the same
 * tenant.
 */
export function isRolledOut(deployment: KubeObject, siblings: readonly KubeObject[]): boolean {
  return lackOf(deployment, siblings) === null;
}

function workloadsFinding(live: readonly KubeObject[]): Finding {
  const type = 'WorkloadsAvailable';
  const troubles = live
    .filter(({ kind }) => kind === 'Deployment')
    .flatMap((object) => notAvailable(object, live) ?? []);
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
