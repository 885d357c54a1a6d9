import type { Registry } from 'prom-client';
import type { Logger } from 'pino';
import type { Clock } from '#libs/kernel/clock.js';
import type { BackendRegistry } from '#libs/inference/ports/backend-registry.js';
import type { Ids, TenantId } from '#libs/kernel/ids.js';
import type { ClusterKeys } from '#libs/signin/cluster-keys.js';
import type { SigningKeys } from '#libs/signin/signing-keys.js';
import type { Bus } from '#libs/tenancy/ports/bus.js';
import type { JobQueue } from '#libs/tenancy/ports/jobs.js';
import type { Sealer } from '#libs/tenancy/ports/sealer.js';
import type { Secrets } from '#libs/tenancy/ports/secrets.js';
import type { TenantDirectory } from '#libs/tenancy/ports/tenant-directory.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import type { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';
import type { AllStores } from '#libs/persistence/stores/all-stores.js';
import type { Addresses } from './addresses.js';
import type { Config } from './config.js';

/** What every product's composition starts from. */
export interface Foundation {
  readonly config: Config;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly addresses: Addresses;
  readonly directory: TenantDirectory;
  readonly profiles: TenantProfiles;
  readonly sessions: TenantSessions<AllStores>;
  readonly bus: Bus;
  readonly jobs: JobQueue;
  readonly backends: BackendRegistry;
  /** Keys of service tokens that all replicas share; null: each process has its own. */
  readonly signingKeys: SigningKeys | null;
  /** Whose pods are believed, as it is now; null: no pod comes for tokens. */
  readonly clusterKeys: (() => ClusterKeys) | null;
  readonly secrets: Secrets;
  /** Seals what is kept in a tenant's schema. */
  readonly sealerFor: (tenant: TenantId) => Sealer;
  /** True when requests can be served; rejects or is false while they cannot. */
  readonly isReady: () => Promise<boolean>;
  /** Ends background work; run in reverse order at shutdown. */
  readonly onClose: (close: () => Promise<void>) => void;
}

/** The foundation with its end. */
export interface ServedFoundation extends Foundation {
  /** Ends everything in reverse order. */
  close(): Promise<void>;
}
