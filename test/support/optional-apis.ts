import { type ApiResource, apiVersionOf, type KindName } from '#operator/runtime/api-resource.js';
import { scalingMetrics } from '#operator/resources/names.js';

function metric(version: string, name: string): ApiResource {
  const plural = `pods/${name}`;
  return { group: 'custom.metrics.k8s.io', version, kind: 'MetricValueList', plural, namespaced: true };
}

const names = Object.values(scalingMetrics);

/** Metrics that somebody serves, as discovery lists them. */
export const scalingMetric = {
  both: names.map((name) => metric('v1beta2', name)),
  older: names.map((name) => metric('v1beta1', name)),
  others: [metric('v1beta2', 'http_requests')],
  kindOf: (resource: ApiResource): KindName => ({ apiVersion: apiVersionOf(resource), kind: resource.kind }),
} as const;
