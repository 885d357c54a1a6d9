import { z } from 'zod';
import { listMapBy } from './manifest-parts.js';
import { ringNames } from './tenant-placement.js';

/** A finding about an object, in the form of `metav1.Condition`. */
export const Condition = z.object({
  type: z.string().max(316),
  status: z.enum(['True', 'False', 'Unknown']),
  observedGeneration: z.int().min(0).optional().meta({ format: 'int64' }),
  lastTransitionTime: z.iso.datetime({ offset: true }),
  reason: z.string().min(1).max(1024),
  message: z.string().max(32_768),
});
export type Condition = z.infer<typeof Condition>;

const found = {
  observedGeneration: z.int().min(0).optional().meta({ format: 'int64' }).describe('Generation that was looked at.'),
  conditions: z.array(Condition).max(64).meta(listMapBy('type')).optional().describe('What was found, and why.'),
};
const count = (text: string) => z.int().min(0).optional().describe(text);

/** What the operator found out about a tenant. */
export const TenantStatus = z
  .object({
    ...found,
    phase: z
      .enum(['Pending', 'Provisioning', 'Ready', 'Degraded', 'Suspended', 'Hibernated', 'Terminating', 'Failed'])
      .optional()
      .describe('One word for people; programs read the conditions.'),
    namespace: z.string().max(63).optional().describe('Where its workloads run; none for a pooled tenant.'),
    shard: z.string().max(63).optional().describe('DatabaseShard that holds its data.'),
    schema: z.string().max(63).optional().describe('Its PostgreSQL schema.'),
    platformVersion: z.string().max(64).optional().describe('Version that runs.'),
    previousVersion: z.string().max(64).optional().describe('Version before the last change, to go back to.'),
    host: z.string().max(253).optional().describe('Primary host name of the chat.'),
    endpoints: z
      .array(z.object({ name: z.string().max(63), url: z.string().max(512) }))
      .max(64)
      .meta(listMapBy('name'))
      .optional()
      .describe('Addresses of the chat, the admin pages and the API.'),
    replicas: count('Pods of the chat.'),
    readyReplicas: count('Those that serve.'),
    selector: z.string().max(512).optional().describe('Finds the pods of the chat, for an autoscaler.'),
    children: z
      .object({ desired: count('Objects there should be.'), ready: count('Those that are as they should be.') })
      .optional()
      .describe('Objects of its own.'),
    drift: z
      .object({
        count: count('Changes by others that were put right.'),
        object: z.string().max(512).optional().describe('Kind and name of the last one.'),
        manager: z.string().max(128).optional().describe('Who changed it.'),
        time: z.iso.datetime({ offset: true }).optional().describe('When that was seen.'),
      })
      .optional()
      .describe('What others changed.'),
  })
  .describe('What was found; written by the operator.');
export type TenantStatus = z.infer<typeof TenantStatus>;

/** What the operator found out about the platform as a whole. */
export const PlatformStatus = z
  .object({
    ...found,
    version: z.string().max(64).optional().describe('Version that every following tenant has reached.'),
    tenants: z
      .object({
        total: count('All.'),
        ready: count('Those that are Ready.'),
        updated: count('Those at the new version.'),
      })
      .optional()
      .describe('Tenants of the cluster.'),
    images: z
      .array(z.object({ version: z.string().max(64), image: z.string().max(600) }))
      .max(64)
      .meta(listMapBy('version'))
      .optional()
      .describe('Image of each version that is in use: tenants that stay at one keep its image.'),
    rollout: z
      .object({
        version: z.string().max(64).describe('Version on its way.'),
        previousVersion: z.string().max(64).optional().describe('Version before.'),
        ring: z.enum(ringNames).optional().describe('Ring at work.'),
        phase: z.enum(['Progressing', 'Soaking', 'Paused', 'Failed', 'RolledBack', 'Complete']),
        ringHealthySince: z.iso.datetime({ offset: true }).optional().describe('Since when the ring is healthy.'),
        failed: z.array(z.string().max(63)).max(100).optional().describe('Tenants that failed.'),
        message: z.string().max(1024).optional().describe('Why it stands still.'),
      })
      .optional()
      .describe('The last rollout.'),
  })
  .describe('What was found; written by the operator.');
export type PlatformStatus = z.infer<typeof PlatformStatus>;

/** What the operator found out about a shard. */
export const ShardStatus = z
  .object({
    ...found,
    tenants: count('Tenants that live here.'),
    sizeBytes: z.int().min(0).optional().meta({ format: 'int64' }).describe('Size of the database.'),
    serverVersion: z.string().max(64).optional().describe('Version of PostgreSQL.'),
    reachable: z.boolean().optional().describe('Whether it answered.'),
  })
  .describe('What was found; written by the operator.');
export type ShardStatus = z.infer<typeof ShardStatus>;

/** What the operator found out about a backend. */
export const BackendStatus = z
  .object({ ...found, tenants: count('Tenants that name it.') })
  .describe('What was found; written by the operator.');
export type BackendStatus = z.infer<typeof BackendStatus>;
