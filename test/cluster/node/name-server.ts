import { addresses, nodeImages } from './node-place.js';

const labels = { 'k8s-app': 'kube-dns' };
const name = { name: 'coredns', namespace: 'kube-system' };

/** Names of the cluster, one of a program on the node itself, and "no such name" for all others: there is no way out. */
const corefile = `.:53 {
  errors
  health :8080
  ready :8181
  hosts {
    ${addresses.node} idp.localhost
    fallthrough
  }
  kubernetes cluster.local in-addr.arpa
  template ANY ANY {
    rcode NXDOMAIN
  }
}
`;

const probe = (path: string, port: number) => ({ httpGet: { path, port }, periodSeconds: 1, failureThreshold: 60 });

/** The name server of the cluster, at the address that every pod is told. */
export function nameServer(): readonly object[] {
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: name },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'coredns' },
      rules: [
        { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'coredns' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'coredns' },
      subjects: [{ kind: 'ServiceAccount', ...name }],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: name, data: { Corefile: corefile } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: name,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: 'coredns',
            dnsPolicy: 'Default',
            priorityClassName: 'system-cluster-critical',
            containers: [
              {
                name: 'coredns',
                image: nodeImages.dns,
                resources: { requests: { cpu: '50m' } },
                args: ['-conf', '/etc/coredns/Corefile'],
                volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
                livenessProbe: probe('/health', 8080),
                readinessProbe: probe('/ready', 8181),
              },
            ],
            volumes: [{ name: 'config', configMap: { name: 'coredns' } }],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: 'kube-system', labels },
      spec: {
        selector: labels,
        clusterIP: addresses.dns,
        ports: ['UDP', 'TCP'].map((protocol) => ({ name: protocol.toLowerCase(), port: 53, protocol })),
      },
    },
  ];
}
