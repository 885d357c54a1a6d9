import { TenantExporter, type ExportReport } from '#libs/governance/ports/tenant-exporter.js';
import { OidcConnector, type SsoRecheck } from '#libs/identity/ports/oidc-connector.js';
import type { SsoFinding, SsoFinish, SsoStart } from '#libs/identity/ports/sso-connector.js';
import { AppError } from '#libs/kernel/errors.js';
import { tenantId, type TenantId } from '#libs/kernel/ids.js';
import type { OperatorParts } from '#libs/platform/compose-operator.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { QueueAccess } from '#libs/tenancy/ports/queue-access.js';
import { ShardRegistry, type ShardAccess, type ShardDescription } from '#libs/tenancy/ports/shard-registry.js';
import { TenantLogins } from '#libs/tenancy/ports/tenant-logins.js';
import { type TenantDescription, TenantRegistry } from '#libs/tenancy/ports/tenant-registry.js';
import { memoryTenant } from './memory-tenants.js';

/** The same tenant has the same id in every run of a test. */
function idOf(slug: string): TenantId {
  const digits = Buffer.from(slug).toString('hex').padEnd(12, '0').slice(0, 12);
  return tenantId(`00000000-0000-4000-8000-${digits}`);
}

/** The directory, in memory: it outlives the operators that write it, as the control database does. */
export class MemoryRegistry extends TenantRegistry {
  readonly tenants = new Map<string, Tenant>();

  override apply({ slug, hosts, revision, profile, suspended }: TenantDescription): Promise<Tenant> {
    const known = this.tenants.get(slug) ?? { ...memoryTenant(slug), id: idOf(slug) };
    const state = suspended ? 'suspended' : 'active';
    const tenant: Tenant = { ...known, hosts, revision, manifest: profile, state };
    this.tenants.set(slug, tenant);
    return Promise.resolve(tenant);
  }
  override suspend(slug: string): Promise<void> {
    const known = this.tenants.get(slug);
    if (known !== undefined) this.tenants.set(slug, { ...known, state: 'suspended' });
    return Promise.resolve();
  }
  override retire(id: TenantId): Promise<void> {
    for (const tenant of this.tenants.values())
      if (tenant.id === id) this.tenants.set(tenant.slug, { ...tenant, state: 'erasing' });
    return Promise.resolve();
  }
  override erase(id: TenantId): Promise<void> {
    for (const tenant of this.tenants.values()) if (tenant.id === id) this.tenants.delete(tenant.slug);
    return Promise.resolve();
  }
  override outdated(): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set());
  }
  override upgrade(): Promise<void> {
    return Promise.resolve();
  }
  override find(slug: string): Promise<Tenant | null> {
    return Promise.resolve(this.tenants.get(slug) ?? null);
  }
  override all(): Promise<readonly Tenant[]> {
    return Promise.resolve([...this.tenants.values()]);
  }
  override applyBackend(): Promise<void> {
    return Promise.resolve();
  }
  override removeBackend(): Promise<void> {
    return Promise.resolve();
  }
  override backends(): Promise<readonly never[]> {
    return Promise.resolve([]);
  }
}

class MemoryLogins extends TenantLogins {
  override give(id: TenantId): Promise<string> {
    return Promise.resolve(`postgres://login-of-${id}@shard.example/whisper`);
  }
  override rotate(id: TenantId): Promise<string> {
    return this.give(id);
  }
  override take(): Promise<void> {
    return Promise.resolve();
  }
}

class MemoryQueueAccess extends QueueAccess {
  override give({ role }: Tenant): Promise<string> {
    return Promise.resolve(`redis://${role}@redis.example:6379`);
  }
  override giveShared(prefix: string): Promise<string> {
    return Promise.resolve(`redis://${prefix}@redis.example:6379`);
  }
  override take(): Promise<void> {
    return Promise.resolve();
  }
  override onReturn(): void {
    // It never goes away.
  }
  override close(): Promise<void> {
    return Promise.resolve();
  }
}

class MemoryShards extends ShardRegistry {
  override apply({ name }: ShardDescription): Promise<ShardAccess> {
    return Promise.resolve({ name, appUrl: `postgres://apps@${name}.example/whisper` });
  }
  override remove(): Promise<void> {
    return Promise.resolve();
  }
  override inspect() {
    return Promise.resolve({ reachable: true, serverVersion: '18.4', tenants: 0, sizeBytes: 8_000_000, error: null });
  }
}

/** Exports that are kept as what was exported. */
export class MemoryExporter extends TenantExporter {
  readonly exported: TenantId[] = [];

  override export(tenant: TenantId, root: string): Promise<ExportReport> {
    this.exported.push(tenant);
    return Promise.resolve({
      folder: `${root}/${tenant}`,
      tenant: { id: tenant, slug: 'acme', epoch: 1 },
      schemaVersion: 1,
      takenAt: '2026-06-15T12:00:00Z',
      tables: [],
    });
  }
  override verify(): Promise<ExportReport> {
    const [last] = this.exported;
    if (last === undefined) return Promise.reject(new AppError('export_failed', 'There is no export.'));
    return this.export(last, '/snapshots');
  }
}

class WillingProvider extends OidcConnector {
  override start(): Promise<SsoStart> {
    const checks = { nonce: 'n', codeVerifier: 'v' };
    return Promise.resolve({ kind: 'redirect', url: 'https://idp.example/authorize', state: 's', checks });
  }
  override finish(): Promise<SsoFinish> {
    return Promise.resolve({ kind: 'refused', reason: 'nobody signs in here' });
  }
  override check(): Promise<readonly SsoFinding[]> {
    return Promise.resolve([]);
  }
  override signOutUrl(): Promise<null> {
    return Promise.resolve(null);
  }
  override readLogoutToken(): Promise<string> {
    return Promise.resolve('nobody signs out here');
  }
  override recheck(): Promise<SsoRecheck> {
    return Promise.resolve({ kind: 'no', reason: 'nobody is signed in here' });
  }
}

/** All that an operator works with, in memory. Several operators, one after the other, may share it. */
export function memoryOperatorParts(registry = new MemoryRegistry(), exporter = new MemoryExporter()): OperatorParts {
  // Made far in the future: never due for a turn.
  const serviceKeys = JSON.stringify({
    keys: [{ kid: 'ffffffff-ffff-7000-8000-000000000000' }, { kid: 'ffffffff-ffff-7000-8000-000000000001' }],
  });
  return {
    registry,
    exporter,
    shards: new MemoryShards(),
    logins: new MemoryLogins(),
    redisTenants: new MemoryQueueAccess(),
    sso: {
      oidc: new WillingProvider(),
      saml: { check: () => Promise.resolve([{ check: 'metadata', state: 'ok', detail: 'It is read' }]) },
    },
    sharedAppUrl: 'postgres://apps@control.example/whisper',
    sharedPrefix: 'whisper-test',
    masterKeyOf: (tenant) => `key of ${tenant}`,
    makeServiceKeys: () => Promise.resolve(serviceKeys),
    rotateServiceKeys: (text) => Promise.resolve(text),
    close: () => Promise.resolve(),
  };
}
