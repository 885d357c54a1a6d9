interface Definition {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
}

const definitions: readonly Definition[] = [
  { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', plural: 'httproutes' },
  { group: 'monitoring.coreos.com', kind: 'ServiceMonitor', plural: 'servicemonitors' },
];

function definition({ group, kind, plural }: Definition): object {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      // The API server keeps this group to those whose change somebody has looked at.
      annotations: { 'api-approved.kubernetes.io': 'https://example.test/in-tests-only' },
    },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

/** Manifests of the kinds that a cluster may do without, as far as their names: nobody acts upon them. */
export function optionalKinds(): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: definitions.map(definition) });
}
