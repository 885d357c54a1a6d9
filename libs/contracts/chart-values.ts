import { z } from 'zod';
import { ObjectName } from './manifest-parts.js';
import { ImageSettings, PlatformSpec } from './platform-spec.js';
import { PlatformVersion } from './tenant-placement.js';
import { Autoscaling, Resources } from './workload-settings.js';

const secretIn = (name: string, key: string, text: string) =>
  z
    .strictObject({
      existingSecret: z.string().max(63).default(name).describe('Name of a Secret in the namespace of the release.'),
      key: z.string().min(1).max(64).default(key).describe('Its key.'),
    })
    .prefault({})
    .describe(text);

const Placement = {
  nodeSelector: z.record(z.string(), z.string()).default({}).describe('Labels of the nodes to run on.'),
  tolerations: z.array(z.looseObject({})).default([]).describe('Taints of nodes to accept.'),
  podAnnotations: z.record(z.string(), z.string()).default({}).describe('Annotations of the pods.'),
};

const OperatorValues = z
  .strictObject({
    replicas: z.int().min(1).max(5).default(2).describe('One works, the others wait to take over.'),
    logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least level that is logged.'),
    resources: Resources.prefault({
      requests: { cpu: '100m', memory: '256Mi' },
      limits: { memory: '1Gi' },
    }).describe('CPU and memory.'),
    ...Placement,
  })
  .prefault({})
  .describe('The operator.');

const SharedValues = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Run the apps that serve pooled tenants.'),
    autoscaling: Autoscaling.prefault({
      chat: { min: 2, max: 20, targetCpu: 70, targetSockets: 500 },
      router: { min: 2, max: 20, targetCpu: 70, targetInFlight: 50 },
      admin: { min: 1, max: 5, targetCpu: 70 },
    }),
    resources: z
      .strictObject({ chat: Resources, router: Resources, admin: Resources })
      .prefault({
        chat: { requests: { cpu: '250m', memory: '384Mi' }, limits: { memory: '1Gi' } },
        router: { requests: { cpu: '250m', memory: '384Mi' }, limits: { memory: '1Gi' } },
        admin: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '768Mi' } },
      })
      .describe('CPU and memory of each app.'),
    ...Placement,
  })
  .prefault({})
  .describe('The apps that serve all pooled tenants.');

const { publicUrl, trustedProxies, ingress, monitoring, otlpEndpoint } = PlatformSpec.shape;
const { resources, autoscaling, quotas, rollout } = PlatformSpec.shape;

const PlatformValues = z
  .strictObject({
    create: z.boolean().default(true).describe('Make the WhisperPlatform; false: keep one of your own.'),
    version: PlatformVersion.optional().describe('Version that tenants follow; left out: that of the chart.'),
    publicUrl,
    trustedProxies,
    ingress,
    monitoring,
    otlpEndpoint,
    resources,
    autoscaling,
    quotas,
    rollout,
  })
  .prefault({})
  .describe('The WhisperPlatform: what holds for every tenant.');

/** Values of the chart `whisper`. The values file, its schema and the reference page are made from this. */
export const ChartValues = z.strictObject({
  global: z.looseObject({}).optional().describe('Of a chart around this one; not read.'),
  image: ImageSettings.extend({
    pullSecrets: z.array(ObjectName).max(8).default([]).describe('Secrets of the namespace of the release.'),
  }).prefault({}),
  database: secretIn(
    'whisper-database',
    'url',
    'The control database: PostgreSQL 16 or newer, by a login that may create roles.',
  ),
  redis: secretIn('whisper-redis', 'url', 'Redis 7 or newer, by a login that may make users.'),
  masterKey: secretIn('whisper-master-key', 'master-key', '32 random bytes in base64; seals what is secret at rest.'),
  snapshots: z
    .strictObject({
      existingClaim: z
        .string()
        .max(253)
        .default('')
        .describe('PersistentVolumeClaim for exports of tenants that are deleted with policy Snapshot; empty: none.'),
    })
    .prefault({})
    .describe('Where exports of deleted tenants are kept.'),
  operator: OperatorValues,
  shared: SharedValues,
  platform: PlatformValues,
  policies: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe('Let the API server guard deletion, isolation, and where the operator may write.'),
    })
    .prefault({})
    .describe('ValidatingAdmissionPolicies.'),
  exampleTenants: z
    .strictObject({ enabled: z.boolean().default(false).describe('Make the tenants acme and globex of the examples.') })
    .prefault({})
    .describe('Tenants to look at.'),
});
export type ChartValues = z.infer<typeof ChartValues>;
