/** The whole platform in one pod, as a person would run the image by itself. */
export function standalone(image: string, namespace: string): readonly object[] {
  const labels = { app: 'standalone' };
  const metadata = { name: 'standalone', namespace };
  const probe = { httpGet: { path: '/readyz', port: 4780 }, periodSeconds: 1, failureThreshold: 90 };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 10001,
              fsGroup: 10001,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            terminationGracePeriodSeconds: 20,
            containers: [
              {
                name: 'whisper',
                image,
                env: [{ name: 'WHISPER_PROBE_MODELS', value: 'false' }],
                securityContext: {
                  readOnlyRootFilesystem: true,
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ['ALL'] },
                },
                startupProbe: probe,
                readinessProbe: probe,
                volumeMounts: [
                  { name: 'data', mountPath: '/var/lib/whisper' },
                  { name: 'tmp', mountPath: '/tmp' },
                ],
              },
            ],
            volumes: [
              { name: 'data', emptyDir: {} },
              { name: 'tmp', emptyDir: {} },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: labels, ports: [{ port: 80, targetPort: 4780 }] },
    },
  ];
}

/** A pod that does nothing, to be told what to call. */
export function caller(image: string, namespace: string, labels: Readonly<Record<string, string>> = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'caller', namespace, labels },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'caller', image, command: ['sleep', '3600'] }],
    },
  };
}
