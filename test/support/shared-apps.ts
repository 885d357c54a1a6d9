import { sharedDeployments } from '#operator/steps/shared-apps.js';

/** The Deployments of the chart that serve pooled tenants, as far as an operator sees them. */
export function sharedApps(namespace: string) {
  return sharedDeployments.map((name) => {
    const labels = { 'app.kubernetes.io/part-of': 'whisper', 'app.kubernetes.io/component': name };
    const containers = [{ name: 'app', image: 'whisperengine/whisper:1.0.0' }];
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { automountServiceAccountToken: false, containers } },
      },
    };
  });
}
