import { z } from 'zod';
import { ManifestName, NetworkRange } from './manifest-parts.js';

/** Waves of an upgrade, in their order. */
export const ringNames = ['canary', 'early', 'stable'] as const;
export const RingName = z.enum(ringNames);
export type RingName = z.infer<typeof RingName>;

/** What happens to the data of a tenant whose object is deleted. */
export const DeletionPolicy = z.enum(['Retain', 'Delete', 'Snapshot']);
export type DeletionPolicy = z.infer<typeof DeletionPolicy>;

/** Where a tenant's data lives and what becomes of it. */
export const DatabaseSettings = z
  .strictObject({
    shard: ManifestName.optional().describe('Name of a DatabaseShard; left out: chosen once, and kept in the status.'),
    deletionPolicy: DeletionPolicy.default('Retain').describe(
      'When the object is deleted: Retain keeps the data, Delete drops it, Snapshot exports it, checks the export and drops it.',
    ),
  })
  .describe('Where the data lives. Without meaning on one machine.');

/** A version of the platform, which is also the tag of its image and a label. */
export const PlatformVersion = z
  .string()
  .max(63)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, 'must be a version like 1.4.2');

const EgressRule = z.strictObject({
  cidr: NetworkRange.describe('Network that may be reached.'),
  ports: z
    .array(z.int().min(1).max(65_535))
    .max(16)
    .optional()
    .describe('TCP ports; left out: every port and protocol.'),
});

/** What a tenant's pods may reach beside what they need. */
export const NetworkSettings = z
  .strictObject({
    egressAllow: z.array(EgressRule).max(50).optional().describe('Networks the pods may reach beside what they need.'),
  })
  .describe('What the pods may reach. Without meaning on one machine.');
