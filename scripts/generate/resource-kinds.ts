import { BackendManifest } from '#libs/contracts/backend-spec.js';
import { BackendStatus, PlatformStatus, ShardStatus, TenantStatus } from '#libs/contracts/object-status.js';
import { platformName, PlatformSpec } from '#libs/contracts/platform-spec.js';
import { ShardSpec } from '#libs/contracts/shard-spec.js';
import { TenantSpec } from '#libs/contracts/tenant-spec.js';
import type { Column, Definition } from './custom-resource.js';

const readyIs = (field: string) => `.status.conditions[?(@.type=="Ready")].${field}`;
const ready: readonly Column[] = [
  { name: 'Ready', type: 'string', jsonPath: readyIs('status') },
  { name: 'Status', type: 'string', jsonPath: readyIs('reason') },
];
const age: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
const message: Column = { name: 'Message', type: 'string', jsonPath: readyIs('message'), priority: 1 };

const tenant: Definition = {
  kind: 'WhisperTenant',
  plural: 'whispertenants',
  shortName: 'wt',
  about: 'One organisation.',
  source: 'libs/contracts/tenant-spec.ts',
  spec: TenantSpec,
  status: TenantStatus,
  columns: [
    ...ready,
    { name: 'Isolation', type: 'string', jsonPath: '.spec.isolation' },
    { name: 'Shard', type: 'string', jsonPath: '.status.shard' },
    { name: 'Version', type: 'string', jsonPath: '.status.platformVersion' },
    { name: 'Host', type: 'string', jsonPath: '.status.host' },
    age,
    { name: 'SSO', type: 'string', jsonPath: '.spec.sso.type', priority: 1 },
    { name: 'Ring', type: 'string', jsonPath: '.spec.ring', priority: 1 },
    message,
  ],
  selectable: ['.spec.isolation', '.spec.ring', '.spec.database.shard'],
  scale: {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  },
};

const platform: Definition = {
  kind: 'WhisperPlatform',
  plural: 'whisperplatforms',
  shortName: 'wp',
  about: 'What holds for every tenant of a cluster.',
  source: 'libs/contracts/platform-spec.ts',
  spec: PlatformSpec,
  status: PlatformStatus,
  columns: [
    ...ready,
    { name: 'Version', type: 'string', jsonPath: '.spec.version' },
    { name: 'Reached', type: 'string', jsonPath: '.status.version' },
    { name: 'Rollout', type: 'string', jsonPath: '.status.rollout.phase' },
    { name: 'Ring', type: 'string', jsonPath: '.status.rollout.ring' },
    { name: 'Tenants', type: 'integer', jsonPath: '.status.tenants.total' },
    { name: 'Updated', type: 'integer', jsonPath: '.status.tenants.updated' },
    age,
    message,
  ],
  selectable: [],
  onlyName: platformName,
};

const shard: Definition = {
  kind: 'DatabaseShard',
  plural: 'databaseshards',
  shortName: 'dbs',
  about: 'A PostgreSQL server that holds the data of tenants.',
  source: 'libs/contracts/shard-spec.ts',
  spec: ShardSpec,
  status: ShardStatus,
  columns: [
    ...ready,
    { name: 'Region', type: 'string', jsonPath: '.spec.region' },
    { name: 'Tenants', type: 'integer', jsonPath: '.status.tenants' },
    { name: 'Capacity', type: 'integer', jsonPath: '.spec.capacity' },
    { name: 'Cordoned', type: 'boolean', jsonPath: '.spec.cordoned' },
    { name: 'Server', type: 'string', jsonPath: '.status.serverVersion' },
    age,
    { name: 'Bytes', type: 'integer', jsonPath: '.status.sizeBytes', priority: 1 },
    message,
  ],
  selectable: ['.spec.region'],
};

const backend: Definition = {
  kind: 'ModelBackend',
  plural: 'modelbackends',
  shortName: 'mb',
  about: 'A server of models. Tenants refer to it by name in `spec.models.backends`.',
  source: 'libs/contracts/backend-spec.ts',
  spec: BackendManifest.shape.spec,
  status: BackendStatus,
  columns: [
    ...ready,
    { name: 'Provider', type: 'string', jsonPath: '.spec.provider' },
    { name: 'URL', type: 'string', jsonPath: '.spec.url' },
    { name: 'Tenants', type: 'integer', jsonPath: '.status.tenants' },
    age,
    message,
  ],
  selectable: [],
};

/** Every kind of object that the platform adds to a cluster. */
export const resourceKinds: readonly Definition[] = [tenant, platform, shard, backend];
