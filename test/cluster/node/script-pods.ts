import { fileURLToPath } from 'node:url';
import { installRoot } from '#libs/platform/install-root.js';

interface ScriptPod {
  /** Of the Deployment and its Service. */
  readonly name: string;
  readonly namespace: string;
  /** Only its Node is used. */
  readonly image: string;
  /** A compiled script beside this one. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly port: number;
  /** Environment variables, kept in a Secret. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Listens at the node's own addresses, as what is not part of the cluster's network does. */
  readonly isOnHost?: boolean;
  /** May ask the API server, by a ServiceAccount of its own name. */
  readonly hasAccount?: boolean;
}

/** A script of this checkout as a pod: it finds its files, and what they import, where they are on the machine. */
export function scriptPod(pod: ScriptPod): readonly object[] {
  const { name, namespace, image, script, args = [], port, isOnHost = false, hasAccount = false } = pod;
  const root = installRoot();
  const labels = { app: name };
  const metadata = { name, namespace };
  const container = {
    name,
    image,
    command: ['node', fileURLToPath(new URL(script, import.meta.url)), ...args],
    workingDir: root,
    envFrom: [{ secretRef: { name } }],
    resources: { requests: { cpu: '50m' } },
    readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
    volumeMounts: [{ name: 'checkout', mountPath: root, readOnly: true }],
  };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { apiVersion: 'v1', kind: 'Secret', metadata, stringData: pod.environment ?? {} },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        strategy: { type: 'Recreate' },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            ...(hasAccount ? { serviceAccountName: name } : { automountServiceAccountToken: false }),
            ...(isOnHost ? { hostNetwork: true, dnsPolicy: 'Default' } : {}),
            // The checkout may belong to root alone.
            securityContext: { runAsUser: 0 },
            terminationGracePeriodSeconds: 1,
            containers: [container],
            volumes: [{ name: 'checkout', hostPath: { path: root, type: 'Directory' } }],
          },
        },
      },
    },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports: [{ port }] } },
  ];
}
