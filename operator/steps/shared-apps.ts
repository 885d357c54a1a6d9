import { appNames } from '#libs/contracts/workload-settings.js';
import type { Finding } from '../conditions.js';
import { sharedNames } from '../resources/shared-objects.js';
import type { KubeObject } from '../runtime/kube-object.js';

type Ready = Omit<Finding, 'type'>;

/** The Deployments of the chart that serve pooled tenants. */
export const sharedDeployments: readonly string[] = appNames.map((app) => sharedNames[app]);

interface Reported {
  readonly availableReplicas?: number;
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
}

function reportOf(object: KubeObject): Reported {
  const status = object['status'];
  return typeof status === 'object' && status !== null ? status : {};
}

function find(deployments: readonly KubeObject[], name: string): KubeObject | undefined {
  return deployments.find(({ metadata }) => metadata.name === name);
}

function hasPod(deployments: readonly KubeObject[], name: string): boolean {
  const object = find(deployments, name);
  return object !== undefined && (reportOf(object).availableReplicas ?? 0) > 0;
}

/** Whether each of the shared apps has a pod that serves: a rolling update or an autoscaler makes no difference. */
export function areServing(deployments: readonly KubeObject[]): boolean {
  return sharedDeployments.every((name) => hasPod(deployments, name));
}

/** What the platform says about them; null where nothing is wrong. */
export function sharedTrouble(deployments: readonly KubeObject[], namespace: string): Ready | null {
  const status = 'False';
  const missing = sharedDeployments.filter((name) => find(deployments, name) === undefined);
  if (missing.length > 0) {
    const message = `Pooled tenants need the Deployments ${missing.join(', ')} in the namespace ${namespace}: set shared.enabled of the chart.`;
    return { status, reason: 'SharedAppsMissing', message };
  }
  const down = sharedDeployments.filter((name) => !hasPod(deployments, name));
  if (down.length > 0) {
    const message = `No pod serves of ${down.join(', ')}: kubectl describe pods --namespace ${namespace} tells why.`;
    return { status, reason: 'SharedAppsDown', message };
  }
  const [stuck] = deployments.flatMap((object) =>
    (reportOf(object).conditions ?? []).flatMap((condition) =>
      condition.type === 'Progressing' && condition.status === 'False' ? [{ object, condition }] : [],
    ),
  );
  if (stuck === undefined) return null;
  const { name } = stuck.object.metadata;
  const message = `New pods of ${name} do not come up, the old ones serve on: ${stuck.condition.message ?? 'no progress'}`;
  return { status, reason: 'ProgressDeadlineExceeded', message };
}

/**
 * What a pooled tenant says about them. The same words whatever is down, so that thousands of tenants are written once
 * when the apps go and once when they are back.
 */
export function sharedFinding(deployments: readonly KubeObject[], namespace: string): Finding {
  const type = 'WorkloadsAvailable';
  if (areServing(deployments)) return { type, status: 'True', reason: 'Available', message: 'The shared apps serve.' };
  const message = `The shared apps do not serve: see the Deployments ${sharedDeployments.join(', ')} in the namespace ${namespace}.`;
  return { type, status: 'False', reason: 'SharedAppsDown', message };
}
