import { tenantId } from '#libs/kernel/ids.js';
import { openSecurity, type Tenant, type TenantProfile, type TenantState } from '#libs/tenancy/domain/tenant.js';
import type { Isolation } from '#libs/tenancy/ports/tenant-registry.js';

/** A row of `tenant` with its hosts in order. */
export interface TenantRow {
  readonly id: string;
  readonly slug: string;
  readonly schema_name: string;
  readonly role_name: string;
  readonly shard_id: string;
  readonly state: TenantState;
  readonly epoch: number;
  readonly revision: string;
  readonly manifest: Omit<TenantProfile, 'security'> & Partial<Pick<TenantProfile, 'security'>>;
  readonly isolation: Isolation;
  readonly hosts: string[] | null;
}

/** Channel on which the directory's writers say that it changed. */
export const directoryChannel = 'whisper_directory';

/** The directory's rows; `where` is one of our own conditions with placeholders. */
export function selectTenants(where: string): string {
  return `select t.id, t.slug, t.schema_name, t.role_name, t.shard_id, t.state, t.epoch, t.revision, t.manifest, t.isolation,
      (select array_agg(a.host order by a.position) from whisper_control.host_alias a where a.tenant_id = t.id) as hosts
    from whisper_control.tenant t where ${where}`;
}

export function fromTenantRow(row: TenantRow): Tenant {
  return {
    id: tenantId(row.id),
    slug: row.slug,
    schema: row.schema_name,
    role: row.role_name,
    shard: row.shard_id,
    state: row.state,
    epoch: row.epoch,
    revision: row.revision,
    hosts: row.hosts ?? [],
    // A row that an earlier version wrote says nothing about it until its manifest is applied anew.
    manifest: { ...row.manifest, security: row.manifest.security ?? openSecurity },
  };
}
