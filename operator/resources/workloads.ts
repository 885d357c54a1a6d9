import { type AppName, appNames } from '#libs/contracts/workload-settings.js';
import type { KubeObject } from '../runtime/kube-object.js';
import { isAutoscaled } from './autoscaling.js';
import { child } from './child.js';
import { podSelector } from './names.js';
import { podTemplate } from './pod-template.js';
import { isAsleep, type RenderInput } from './render-input.js';

/** `replicas`, where it is ours to say: an autoscaler's own number would be fought over. */
function replicas(app: AppName, input: RenderInput): { readonly replicas?: number } {
  if (isAsleep(input)) return { replicas: 0 };
  if (isAutoscaled(app, input)) return {};
  return { replicas: input.tenant.spec.replicas ?? 1 };
}

/** The apps of the tenant. A new pod serves before an old one leaves. */
export function workloads(input: RenderInput): readonly KubeObject[] {
  return appNames.map((app) =>
    child(
      input,
      { apiVersion: 'apps/v1', kind: 'Deployment', name: app, component: app },
      {
        spec: {
          ...replicas(app, input),
          revisionHistoryLimit: 2,
          progressDeadlineSeconds: 300,
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          selector: podSelector(app),
          template: podTemplate(app, input),
        },
      },
    ),
  );
}
