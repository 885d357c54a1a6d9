import { type AppName, appNames } from '#libs/contracts/workload-settings.js';
import type { KubeObject } from '../runtime/kube-object.js';
import { type AppScaling, scalingOf } from './app-settings.js';
import { child } from './child.js';
import { scalingMetrics } from './names.js';
import { isAsleep, type RenderInput } from './render-input.js';

const loadMetric: Readonly<Record<AppName, string | null>> = {
  chat: scalingMetrics.openSockets,
  router: scalingMetrics.runningRequests,
  admin: null,
};

/** Whether an autoscaler of ours owns the number of pods. `spec.replicas` hands the chat to somebody else's. */
export function isAutoscaled(app: AppName, input: RenderInput): boolean {
  return !isAsleep(input) && !(app === 'chat' && input.tenant.spec.replicas !== undefined);
}

function metricsOf(app: AppName, { targetCpu, targetLoad }: AppScaling, hasCustomMetrics: boolean): readonly object[] {
  const cpu = {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: targetCpu } },
  };
  const name = loadMetric[app];
  if (name === null || targetLoad === null || !hasCustomMetrics) return [cpu];
  const load = {
    type: 'Pods',
    pods: { metric: { name }, target: { type: 'AverageValue', averageValue: String(targetLoad) } },
  };
  return [cpu, load];
}

/** Pods that leave move their sockets elsewhere; one at a time keeps that unnoticed. */
const scaleDown = { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] };

/** Autoscalers, for as long as the tenant is awake. */
export function autoscalers(input: RenderInput): readonly KubeObject[] {
  const { platform, tenant, facts } = input;
  return appNames
    .filter((app) => isAutoscaled(app, input))
    .map((app) => {
      const scaling = scalingOf(platform, tenant.spec, app);
      return child(
        input,
        { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: app, component: app },
        {
          spec: {
            scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: app },
            minReplicas: scaling.min,
            maxReplicas: scaling.max,
            metrics: metricsOf(app, scaling, facts.capabilities.customMetrics),
            behavior: { scaleDown },
          },
        },
      );
    });
}
