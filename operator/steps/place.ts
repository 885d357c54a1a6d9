import { asAppError } from '#libs/kernel/errors.js';
import { describeTenant } from '#libs/tenancy/app/describe-tenant.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TenantRegistry } from '#libs/tenancy/ports/tenant-registry.js';
import { manifestApiVersion } from '#libs/contracts/manifest-parts.js';
import { type Finding, reasonOf } from '../conditions.js';
import { digestOf } from '../resources/stable-json.js';
import type { TenantWork } from '../tenant-work.js';

interface Placed {
  readonly finding: Finding;
  /** Null where it has no place (yet). */
  readonly compiled: Tenant | null;
  /** Whether the same manifest may find a place later. */
  readonly isRetryable: boolean;
}

interface PlaceParts {
  readonly registry: TenantRegistry;
  readonly outdated: Set<string>;
  /** Shards that do not answer: what the directory says of their tenants is true, and of no use. */
  readonly isUnreachable: (shard: string) => boolean;
}

const type = 'DatabaseReady';

/** Schema, role and directory row on a shard, migrated. */
export async function place(work: TenantWork, { registry, outdated, isUnreachable }: PlaceParts): Promise<Placed> {
  const { name, spec, platform, status } = work;
  const suffixes = platform.publicUrl === undefined ? [] : [new URL(platform.publicUrl).hostname];
  const manifest = { apiVersion: manifestApiVersion, kind: 'WhisperTenant', metadata: { name }, spec } as const;
  try {
    const described = describeTenant(manifest, digestOf(spec), suffixes);
    if (outdated.has(name)) {
      await registry.upgrade(name);
      outdated.delete(name);
    }
    const shard = status.shard ?? spec.database.shard;
    const compiled = await registry.apply({ ...described, placement: { shard, region: spec.region } });
    if (isUnreachable(compiled.shard)) return { compiled, isRetryable: true, finding: away(compiled.shard) };
    const message = `Schema ${compiled.schema} on shard ${compiled.shard} is up to date.`;
    return { compiled, isRetryable: true, finding: { type, status: 'True', reason: 'Migrated', message } };
  } catch (error) {
    const { code, message, action, retryable } = asAppError(error);
    const finding: Finding = { type, status: 'False', reason: reasonOf(code), message: `${message} ${action}` };
    return { compiled: null, isRetryable: retryable, finding };
  }
}

function away(shard: string): Finding {
  const message = `The shard ${shard} does not answer: see the DatabaseShard ${shard}. The data is served again when it does.`;
  return { type, status: 'False', reason: 'ShardUnreachable', message };
}
