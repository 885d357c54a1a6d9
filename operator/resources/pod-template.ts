import type { AppName } from '#libs/contracts/workload-settings.js';
import { resourcesOf } from './app-settings.js';
import { childLabels } from './child.js';
import { labelNames, podSelector, ports } from './names.js';
import { podEnvironment } from './pod-environment.js';
import { podMounts, podVolumes } from './pod-volumes.js';
import type { RenderInput } from './render-input.js';
import { configHash } from './tenant-config.js';

/** Load balancers need this long to hear that a pod is leaving; requests that still come meanwhile are served. */
const leaveSeconds = 5;

/** The time to leave, the 90 s that running answers get, and some to close database and Redis. */
const graceSeconds = 120;

/** Any id will do, as long as it is nobody's on the node. */
const userId = 10_001;

/** What Pod Security `restricted` asks of a pod. */
export const podSecurity = {
  runAsNonRoot: true,
  runAsUser: userId,
  runAsGroup: userId,
  fsGroup: userId,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
} as const;

/** What it asks of a container. */
export const containerSecurity = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const;

const get = (path: string) => ({ httpGet: { path, port: 'http' } });

/** A first start on a cold node takes seconds; a process that lives but cannot serve is kept, without requests. */
const probes = {
  startupProbe: { ...get('/healthz'), periodSeconds: 2, failureThreshold: 60, timeoutSeconds: 3 },
  readinessProbe: { ...get('/readyz'), periodSeconds: 5, failureThreshold: 2, timeoutSeconds: 3 },
  livenessProbe: { ...get('/healthz'), periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 5 },
} as const;

function container(app: AppName, input: RenderInput): object {
  const { platform, facts } = input;
  return {
    name: app,
    image: facts.image,
    imagePullPolicy: platform.image.pullPolicy,
    workingDir: '/app',
    command: ['node', '--enable-source-maps', '--max-semi-space-size=16', `dist/apps/${app}/main.js`],
    env: podEnvironment(app, input),
    ports: Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' })),
    resources: resourcesOf(platform, app),
    securityContext: containerSecurity,
    ...probes,
    lifecycle: { preStop: { sleep: { seconds: leaveSeconds } } },
    volumeMounts: podMounts(app),
  };
}

/** Keeps the pods of an app apart, as far as there is room. */
function spread(app: AppName): readonly object[] {
  return ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: podSelector(app),
    matchLabelKeys: ['pod-template-hash'],
  }));
}

/** The pods of one app of a tenant. */
export function podTemplate(app: AppName, input: RenderInput): object {
  const pulls = Object.keys(input.facts.pullSecrets);
  return {
    metadata: { labels: childLabels(input, app), annotations: { [labelNames.configHash]: configHash(input) } },
    spec: {
      serviceAccountName: app,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: graceSeconds,
      securityContext: podSecurity,
      ...(pulls.length === 0 ? {} : { imagePullSecrets: pulls.map((name) => ({ name })) }),
      topologySpreadConstraints: spread(app),
      containers: [container(app, input)],
      volumes: podVolumes(app, input),
    },
  };
}
