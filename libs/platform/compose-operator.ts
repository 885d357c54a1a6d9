import { join } from 'node:path';
import type { Logger } from 'pino';
import type { TenantExporter } from '#libs/governance/ports/tenant-exporter.js';
import type { OidcConnector } from '#libs/identity/ports/oidc-connector.js';
import type { SamlConnector } from '#libs/identity/ports/saml-connector.js';
import { SystemClock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import { RandomIds, type TenantId } from '#libs/kernel/ids.js';
import { RedisQueueAccess } from '#libs/messaging/redis-queue-access.js';
import { openControl } from '#libs/persistence/open-control.js';
import { OpenIdConnector } from '#libs/signin/oidc.js';
import { NodeSamlConnector } from '#libs/signin/saml.js';
import { makeServiceKeys, rotateServiceKeys } from '#libs/signin/mounted-keys.js';
import { MasterKey } from '#libs/sources/master-key.js';
import type { QueueAccess } from '#libs/tenancy/ports/queue-access.js';
import type { ShardRegistry } from '#libs/tenancy/ports/shard-registry.js';
import type { TenantLogins } from '#libs/tenancy/ports/tenant-logins.js';
import type { TenantRegistry } from '#libs/tenancy/ports/tenant-registry.js';
import { quietly } from './assemble-foundation.js';
import { Closers } from './closers.js';
import type { Config } from './config.js';
import { installRoot } from './install-root.js';

/** What the operator does its work with. */
export interface OperatorParts {
  readonly registry: TenantRegistry;
  readonly shards: ShardRegistry;
  readonly logins: TenantLogins;
  /** Null where the platform has no Redis: then there can be no dedicated tenant. */
  readonly redisTenants: QueueAccess | null;
  readonly exporter: TenantExporter;
  /** Asks identity providers whether they can be used. */
  readonly sso: { readonly oidc: OidcConnector; readonly saml: Pick<SamlConnector, 'check'> };
  /** How the shared apps log in to the control database, for their Secret. */
  readonly sharedAppUrl: string;
  /** Starts every key and channel of the shared apps in Redis. */
  readonly sharedPrefix: string;
  /** Text of a tenant's file `master-key`; never the installation's own key. */
  masterKeyOf(tenant: TenantId): string;
  /** Text of `service-keys.json`: made once, and turned by giving the text before. */
  makeServiceKeys(): Promise<string>;
  rotateServiceKeys(text: string): Promise<string>;
  close(): Promise<void>;
}

/**
 * Opens the writing side of a cluster: DATABASE_URL is the control database's login with CREATEROLE, REDIS_URL one
 * that may change ACLs, and the folder of secrets holds the installation's master key. No tenant lives in the control
 * database itself, unless a shard names it.
 * @throws {AppError} start_failed naming the variable
 */
export function openOperator(config: Config, log: Logger): Promise<OperatorParts> {
  const closers = new Closers(log);
  return closers.guard(() => open(config, log, closers));
}

async function open(config: Config, log: Logger, closers: Closers): Promise<OperatorParts> {
  if (config.databaseUrl === undefined)
    throw new AppError('start_failed', 'DATABASE_URL is not set.', {
      field: 'DATABASE_URL',
      action: 'Name the control database, with a login that may create roles.',
    });
  const key = await MasterKey.read(config.secrets);
  const ids = new RandomIds();
  const passwordFor = (purpose: string) => key.passwordFor(purpose);
  const control = await openControl(
    {
      adminUrl: config.databaseUrl,
      migrationsFolder: join(installRoot(), 'migrations'),
      passwordFor,
      ids,
      clock: new SystemClock(),
    },
    { isShardToo: false },
  );
  closers.add(() => control.close());
  const redisTenants =
    config.redisUrl === undefined
      ? null
      : RedisQueueAccess.connect(config.redisUrl, passwordFor, quietly('redis', log));
  if (redisTenants !== null) closers.add(() => redisTenants.close());
  const { installation, registry, shards, logins, exporter } = control;
  return {
    registry,
    shards,
    logins,
    redisTenants,
    exporter,
    sso: {
      oidc: new OpenIdConnector(() => Date.now(), 'any'),
      saml: new NodeSamlConnector(() => Date.now(), 'any'),
    },
    sharedAppUrl: installation.appUrl,
    sharedPrefix: `whisper-${installation.id}`,
    masterKeyOf: (tenant) => key.forTenant(tenant).toText(),
    makeServiceKeys: () => makeServiceKeys(() => ids.next()),
    rotateServiceKeys: (text) => rotateServiceKeys(text, () => ids.next()),
    close: () => closers.closeAll(),
  };
}
