import type { Command } from 'commander';
import { AppError } from '#libs/kernel/errors.js';
import { attachIdentity } from '#libs/platform/attach-identity.js';
import { loadConfig } from '#libs/platform/load-config.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';

type Attached = Awaited<ReturnType<typeof attachIdentity>>;

/** Runs `work` with the platform's database, and lets go of it whatever happens. */
export async function withPlatform(command: Command, work: (attached: Attached) => Promise<void>): Promise<void> {
  const { data, secrets } = command.optsWithGlobals<{ data?: string; secrets?: string }>();
  const config = loadConfig({ ...(data === undefined ? {} : { data }), ...(secrets === undefined ? {} : { secrets }) });
  const attached = await attachIdentity(config);
  try {
    await work(attached);
  } finally {
    await attached.close();
  }
}

/** @throws {AppError} not_found naming the tenants there are */
export async function tenantNamed(attached: Attached, name: string): Promise<Tenant> {
  const tenants = await attached.tenants();
  const found = tenants.find(({ slug }) => slug === name);
  if (found !== undefined) return found;
  throw new AppError('not_found', `There is no tenant "${name}".`, {
    field: 'tenant',
    action: `There are: ${tenants.map(({ slug }) => slug).join(', ') || 'none'}.`,
  });
}
