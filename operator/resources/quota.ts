import type { KubeObject } from '../runtime/kube-object.js';
import { child } from './child.js';
import { childNames } from './names.js';
import type { RenderInput } from './render-input.js';

/** Every app at its default bounds, with one pod more of each during a rollout, fits twice. */
const defaults = { cpu: '8', memory: '16Gi', pods: 60 } as const;

/** What the tenant may take of the cluster, and what a container gets that says nothing. */
export function quota(input: RenderInput): readonly KubeObject[] {
  const own = { ...defaults, ...input.platform.quotas, ...input.tenant.spec.quotas };
  const head = { apiVersion: 'v1', name: childNames.quota };
  return [
    child(
      input,
      { ...head, kind: 'ResourceQuota' },
      {
        spec: {
          hard: {
            'requests.cpu': own.cpu,
            'requests.memory': own.memory,
            pods: String(own.pods),
            'services.loadbalancers': '0',
            'services.nodeports': '0',
            persistentvolumeclaims: '0',
          },
        },
      },
    ),
    child(
      input,
      { ...head, kind: 'LimitRange' },
      {
        spec: {
          limits: [
            {
              type: 'Container',
              default: { memory: '256Mi' },
              defaultRequest: { cpu: '50m', memory: '128Mi' },
            },
          ],
        },
      },
    ),
  ];
}
