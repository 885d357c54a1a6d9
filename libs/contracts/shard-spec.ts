import { z } from 'zod';
import { ConnectionSecretRef, manifestApiVersion, ManifestMetadata, ManifestName } from './manifest-parts.js';

/** A PostgreSQL server that holds the data of tenants. */
export const ShardSpec = z.strictObject({
  connectionSecretRef: ConnectionSecretRef.describe(
    'Address of the server, with a login that may create roles; a Secret in the namespace of the operator.',
  ),
  region: ManifestName.optional().describe('Tenants that name a region are placed on its shards only.'),
  capacity: z.int().min(1).max(100_000).default(5_000).describe('Most tenants.'),
  weight: z.int().min(1).max(100).default(1).describe('Share of the new tenants beside other shards.'),
  cordoned: z.boolean().default(false).describe('Take no new tenant; those that are here stay.'),
});
export type ShardSpec = z.infer<typeof ShardSpec>;

/** One PostgreSQL server, as an object of a cluster. */
export const ShardManifest = z.strictObject({
  apiVersion: z.literal(manifestApiVersion),
  kind: z.literal('DatabaseShard'),
  metadata: ManifestMetadata,
  spec: ShardSpec,
});
export type ShardManifest = z.infer<typeof ShardManifest>;
