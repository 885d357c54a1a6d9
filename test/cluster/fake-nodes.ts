/** Manifests of nodes that kwok plays, spread over three zones. */
export function fakeNodes(count: number): string {
  const items = Array.from({ length: count }, (_, index) => node(`node-${index}`, `zone-${index % 3}`));
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

function node(name: string, zone: string): object {
  const room = { cpu: '64', memory: '512Gi', pods: '2000' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
      labels: { type: 'kwok', 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': zone },
    },
    status: { allocatable: room, capacity: room },
  };
}
