import { CompiledTenant } from '#libs/contracts/compiled-tenant.js';
import type { FollowedFile } from '#libs/kernel/followed-file.js';
import { type TenantId, tenantId } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { TenantDirectory } from '#libs/tenancy/ports/tenant-directory.js';

/** Reads the text of a mounted `tenant.json`; throws where it is not one. */
export function readCompiledTenant(text: string): Tenant {
  const { id, ...row } = CompiledTenant.parse(JSON.parse(text));
  return { ...row, id: tenantId(id) };
}

/** The directory of a dedicated tenant's own processes: one row, from a mounted file that the operator replaces. */
export class FileTenantDirectory extends TenantDirectory {
  constructor(private readonly file: FollowedFile<Tenant>) {
    super();
  }

  override byHost(host: string): Promise<Tenant | null> {
    return this.answer(this.file.value.hosts.includes(host));
  }

  override byId(id: TenantId): Promise<Tenant | null> {
    return this.answer(this.file.value.id === id);
  }

  override bySlug(slug: string): Promise<Tenant | null> {
    return this.answer(this.file.value.slug === slug);
  }

  override list(): Promise<readonly Tenant[]> {
    return Promise.resolve([this.file.value]);
  }

  override doubt(): void {
    void this.file.read();
  }

  override onChange(listener: () => void): void {
    this.file.onChange(listener);
  }

  private answer(isAsked: boolean): Promise<Tenant | null> {
    return Promise.resolve(isAsked ? this.file.value : null);
  }
}
