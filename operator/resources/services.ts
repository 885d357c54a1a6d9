import { appNames } from '#libs/contracts/workload-settings.js';
import type { KubeObject } from '../runtime/kube-object.js';
import { child } from './child.js';
import { podSelector, ports } from './names.js';
import type { RenderInput } from './render-input.js';

/** Addresses of the apps within the namespace: the public port for routes, the internal one between the apps. */
export function services(input: RenderInput): readonly KubeObject[] {
  return appNames.map((app) =>
    child(
      input,
      { apiVersion: 'v1', kind: 'Service', name: app, component: app },
      {
        spec: {
          type: 'ClusterIP',
          selector: podSelector(app).matchLabels,
          ports: Object.entries(ports).map(([name, port]) => ({ name, port, targetPort: name, protocol: 'TCP' })),
        },
      },
    ),
  );
}
