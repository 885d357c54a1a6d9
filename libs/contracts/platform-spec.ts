import { z } from 'zod';
import {
  celRules,
  manifestApiVersion,
  ManifestMetadata,
  NetworkRange,
  ObjectName,
  WebAddress,
} from './manifest-parts.js';
import { PlatformVersion } from './tenant-placement.js';
import { Autoscaling, Quotas, Resources } from './workload-settings.js';

/** The one WhisperPlatform of a cluster has this name. */
export const platformName = 'whisper';

/** The image of every app. A digest wins over a tag, and a tag over the version. */
export const ImageSettings = z
  .strictObject({
    registry: z.string().max(253).optional().describe('Host of a registry, in front of the repository.'),
    repository: z.string().min(1).max(253).default('whisperengine/whisper').describe('Name of the image.'),
    tag: z.string().min(1).max(128).optional().describe('Left out: the version.'),
    digest: z
      .string()
      .regex(/^sha256:[a-f0-9]{64}$/, 'must be sha256: and 64 hexadecimal digits')
      .optional()
      .describe('Of the image of the platform version; tenants that stay at another version use its tag.'),
    pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent').describe('When it is fetched.'),
    pullSecrets: z
      .array(ObjectName)
      .max(8)
      .optional()
      .describe('Secrets of the namespace of the operator, copied to where they are needed.'),
  })
  .describe('The image of every app.');
export type ImageSettings = z.infer<typeof ImageSettings>;

const GatewayRef = z.strictObject({
  name: ObjectName.describe('Name of the Gateway.'),
  namespace: ObjectName.describe('Its namespace.'),
  sectionName: z.string().max(253).optional().describe('One listener of it; left out: all.'),
});

/** How people reach the tenants. */
export const IngressSettings = z
  .strictObject({
    type: z
      .enum(['none', 'ingress', 'gateway'])
      .default('none')
      .describe('By Ingress objects, by HTTPRoutes of a Gateway, or not at all.'),
    className: ObjectName.optional().describe('ingressClassName; left out: the default class.'),
    annotations: z
      .array(z.strictObject({ name: z.string().min(1).max(316), value: z.string().max(4_096) }))
      .max(32)
      .optional()
      .describe('Annotations of each Ingress or HTTPRoute.'),
    clusterIssuer: ObjectName.optional().describe(
      'cert-manager ClusterIssuer that makes the certificates of an Ingress.',
    ),
    gateway: GatewayRef.optional().describe('The Gateway, where type is gateway.'),
    namespace: ObjectName.optional().describe(
      'Where the pods run that bring requests in; left out: the public port of a tenant is open to every source.',
    ),
  })
  .refine((ingress) => (ingress.type === 'gateway') === (ingress.gateway !== undefined), {
    path: ['gateway'],
    message: 'must be set when type is gateway, and only then',
  })
  .meta(
    celRules({
      // The default of the whole is asked before its fields have theirs.
      rule: "(has(self.type) && self.type == 'gateway') == has(self.gateway)",
      message: 'gateway must be set when type is gateway, and only then',
    }),
  )
  .describe('How people reach the tenants.');

/** How a new version reaches the tenants: ring by ring, as long as they stay healthy. */
export const RolloutSettings = z
  .strictObject({
    maxUnavailable: z.int().min(1).max(1_000).default(5).describe('Tenants that change version at the same time.'),
    soakSeconds: z
      .int()
      .min(0)
      .max(604_800)
      .default(300)
      .describe('Time a ring must stay healthy before the next one.'),
    readyTimeoutSeconds: z
      .int()
      .min(10)
      .max(86_400)
      .default(600)
      .describe('A tenant that is not Ready after this has failed.'),
    maxFailures: z
      .int()
      .min(0)
      .max(1_000)
      .default(0)
      .describe('Failed tenants of a ring that do not stop the rollout.'),
    rollback: z.boolean().default(true).describe('Bring the tenants of a stopped ring back to the version before.'),
    paused: z.boolean().default(false).describe('Begin with no further tenant.'),
  })
  .describe('How a new version reaches the tenants: canary, early, stable.');
export type RolloutSettings = z.infer<typeof RolloutSettings>;

const PlatformResources = z
  .strictObject({ chat: Resources.optional(), router: Resources.optional(), admin: Resources.optional() })
  .describe('CPU and memory of the apps; what is left out has a default that carries a few hundred people.');

/** What holds for every tenant of a cluster. */
export const PlatformSpec = z.strictObject({
  version: PlatformVersion.describe('Version that tenants follow, unless they say otherwise.'),
  image: ImageSettings.prefault({}),
  publicUrl: WebAddress.optional().describe('Address people use: tenants live at <name>.<its host>.'),
  trustedProxies: z
    .array(NetworkRange)
    .max(32)
    .optional()
    .describe('Networks whose X-Forwarded-* headers are believed.'),
  ingress: IngressSettings.prefault({}),
  monitoring: z
    .strictObject({
      namespace: ObjectName.optional().describe('Where the pods run that read /metrics.'),
      labels: z
        .array(z.strictObject({ name: z.string().min(1).max(316), value: z.string().max(63) }))
        .max(16)
        .optional()
        .describe('Labels of each ServiceMonitor, for a Prometheus that selects by them.'),
    })
    .optional()
    .describe('Who reads the metrics.'),
  otlpEndpoint: WebAddress.optional().describe('OTLP/HTTP endpoint for traces; left out: no tracing.'),
  resources: PlatformResources.optional(),
  autoscaling: Autoscaling.optional(),
  quotas: Quotas.optional(),
  rollout: RolloutSettings.prefault({}),
});
export type PlatformSpec = z.infer<typeof PlatformSpec>;

/** The settings of a cluster, as one object of it. */
export const PlatformManifest = z.strictObject({
  apiVersion: z.literal(manifestApiVersion),
  kind: z.literal('WhisperPlatform'),
  metadata: ManifestMetadata,
  spec: PlatformSpec,
});
export type PlatformManifest = z.infer<typeof PlatformManifest>;
