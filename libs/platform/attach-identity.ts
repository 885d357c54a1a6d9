import { Registry } from 'prom-client';
import { SystemClock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import { RandomIds, type TenantId } from '#libs/kernel/ids.js';
import { InProcessBus } from '#libs/messaging/in-process-bus.js';
import { openDedicated } from '#libs/persistence/open-dedicated.js';
import { openShared } from '#libs/persistence/open-shared.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { addressesOf } from './addresses-of.js';
import { attachDatabase, withRunning } from './attach-database.js';
import { composeIdentityCommands, identityParts } from './compose-identity-commands.js';
import type { Foundation } from './foundation.js';
import type { Config } from './config.js';

/** The part of a database that the command line works with. */
interface Ground extends Pick<Foundation, 'sessions' | 'directory'> {
  readonly tenants: () => Promise<readonly Tenant[]>;
  readonly erase: (tenant: TenantId) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Identity over the database of a platform that may run in another process: for the command line. */
export async function attachIdentity(config: Config) {
  const running = await withRunning(config);
  const ground = await openGround(running);
  const addresses = addressesOf(running);
  const parts = identityParts({
    sessions: ground.sessions,
    metrics: new Registry(),
    clock: new SystemClock(),
    ids: new RandomIds(),
    bus: new InProcessBus(),
    addresses,
  });
  return {
    tenants: ground.tenants,
    erase: ground.erase,
    identity: composeIdentityCommands(parts, { addresses }),
    addresses,
    close: ground.close,
  };
}

/** The same three shapes as the apps have: in a pod the command line finds the pod's own settings. */
async function openGround(config: Config): Promise<Ground> {
  const { tenantFile, shards, databaseUrl } = config;
  if (databaseUrl !== undefined && tenantFile !== undefined)
    return readOnly(await openDedicated({ url: databaseUrl, tenantFile, poolSize: 2, report: () => undefined }));
  if (databaseUrl !== undefined && shards !== undefined)
    return readOnly(
      await openShared({ url: databaseUrl, shardsFolder: shards, isolation: config.isolation, poolSize: 2 }),
    );
  const { database, close } = await attachDatabase(config);
  return {
    sessions: database.sessions,
    directory: database.directory,
    tenants: () => database.registry.all(),
    erase: (tenant) => database.registry.erase(tenant),
    close,
  };
}

function readOnly(database: Omit<Ground, 'tenants' | 'erase'>): Ground {
  return {
    sessions: database.sessions,
    directory: database.directory,
    tenants: () => database.directory.list(),
    erase: () => {
      throw new AppError('forbidden', 'In a cluster the operator erases tenants.', {
        action: 'Delete the WhisperTenant object; its deletion policy says what becomes of the data.',
      });
    },
    close: () => database.close(),
  };
}
