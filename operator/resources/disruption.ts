import { appNames } from '#libs/contracts/workload-settings.js';
import type { KubeObject } from '../runtime/kube-object.js';
import { child } from './child.js';
import { podSelector } from './names.js';
import { isAsleep, type RenderInput } from './render-input.js';

/**
 * A drain takes one pod of an app at a time. `maxUnavailable`, since a lowest number of pods would hold up the drain
 * of a node for an app that has only one.
 */
export function disruptionBudgets(input: RenderInput): readonly KubeObject[] {
  if (isAsleep(input)) return [];
  return appNames.map((app) =>
    child(
      input,
      { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', name: app, component: app },
      { spec: { maxUnavailable: 1, selector: podSelector(app), unhealthyPodEvictionPolicy: 'AlwaysAllow' } },
    ),
  );
}
