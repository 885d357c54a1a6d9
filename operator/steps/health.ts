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

function specOf(object: KubeObject): Readonly<Record<string, unknown>> {
  return isObject(object['spec']) ? object['spec'] : {};
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

/** What a Deployment is short of. */
interface Trouble {
  readonly reason: string;
  readonly message: string;
  readonly isFinal: boolean;
}

/**
 * Why a Deployment does not serve as asked yet; null where it does. `least` are the pods that must serve: those that an
 * autoscaler adds beyond them come and go while the app serves.
 */
function notAvailable(object: KubeObject, least: number): Trouble | null {
  const { metadata } = object;
  const status = reportOf(object);
  const wanted = Math.min(numberOf(specOf(object)['replicas'], 1), least);
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  const isSeen = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const stuck = status.conditions?.find(({ type, status: is }) => type === 'Progressing' && is === 'False');
  if (isSeen && stuck !== undefined && (availableReplicas < wanted || updatedReplicas < replicas))
    return {
      reason: stuck.reason ?? 'Stuck',
      message: `${metadata.name}: ${stuck.message ?? 'no progress'}`,
      isFinal: true,
    };
  const rollingOut = (message: string) => ({
    reason: 'RollingOut',
    message: `${metadata.name}: ${message}`,
    isFinal: false,
  });
  if (!isSeen || updatedReplicas < Math.max(wanted, replicas))
    return rollingOut(`${updatedReplicas} of ${Math.max(wanted, replicas)} pods are new`);
  return availableReplicas < wanted ? rollingOut(`${availableReplicas} of ${wanted} pods serve`) : null;
}

/** Pods that its autoscaler begins with; without one every pod that is asked for must serve. */
function leastOf({ metadata }: KubeObject, siblings: readonly KubeObject[]): number {
  const scaler = siblings.find(
    (object) => object.kind === 'HorizontalPodAutoscaler' && object.metadata.name === metadata.name,
  );
  return scaler === undefined ? Number.POSITIVE_INFINITY : numberOf(specOf(scaler)['minReplicas'], 1);
}

/** Every pod of a Deployment is of its newest template, and those serve that must. `siblings`: of the same tenant. */
export function isRolledOut(deployment: KubeObject, siblings: readonly KubeObject[]): boolean {
  return notAvailable(deployment, leastOf(deployment, siblings)) === null;
}

function workloadsFinding(live: readonly KubeObject[]): Finding {
  const type = 'WorkloadsAvailable';
  if (!live.some(({ kind }) => kind === 'Deployment'))
    return { type, status: 'Unknown', reason: 'Waiting', message: 'The apps have not been made yet.' };
  const troubles = live
    .filter(({ kind }) => kind === 'Deployment')
    .flatMap((object) => notAvailable(object, leastOf(object, live)) ?? []);
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
