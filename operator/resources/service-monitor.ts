import type { KubeObject } from '../runtime/kube-object.js';
import { child } from './child.js';
import { childNames, labelNames } from './names.js';
import type { RenderInput } from './render-input.js';

/** Tells a Prometheus operator where the metrics are, where there is one. */
export function serviceMonitors(input: RenderInput): readonly KubeObject[] {
  if (!input.facts.capabilities.serviceMonitor) return [];
  const labels = Object.fromEntries((input.platform.monitoring?.labels ?? []).map(({ name, value }) => [name, value]));
  return [
    child(
      input,
      { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor', name: childNames.serviceMonitor, labels },
      {
        spec: {
          selector: { matchLabels: { [labelNames.partOf]: 'whisper' } },
          targetLabels: [labelNames.tenant, labelNames.component],
          endpoints: [{ port: 'internal', path: '/metrics', interval: '30s' }],
        },
      },
    ),
  ];
}
