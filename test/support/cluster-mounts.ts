import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CompiledTenant } from '#libs/contracts/compiled-tenant.js';
import type { OperatorParts } from '#libs/platform/compose-operator.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';

/** A folder with the files that a pod finds mounted. */
export async function mount(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'whisper-pod-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text, { mode: 0o444 });
  }
  return folder;
}

/** A master key, as the platform's Secret has one. */
export function newMasterKey(): string {
  return randomBytes(32).toString('base64');
}

/** The text of `tenant.json`. */
export function compiled(tenant: Tenant): string {
  return JSON.stringify(CompiledTenant.parse(tenant));
}

const demo = [{ name: 'demo', revision: 'r1', spec: { provider: 'demo' } }];

/** What the pods of a dedicated tenant get. @returns the folder and the environment, without ports */
export async function mountDedicated(
  operator: OperatorParts,
  tenant: Tenant,
): Promise<{ folder: string; env: Record<string, string> }> {
  const folder = await mount({
    'tenant/tenant.json': compiled(tenant),
    'tenant/backends.json': JSON.stringify(demo),
    'secrets/master-key': operator.masterKeyOf(tenant.id),
    'keys/service-keys.json': await operator.makeServiceKeys(),
  });
  return {
    folder,
    env: {
      DATABASE_URL: await operator.logins.give(tenant.id),
      REDIS_URL: (await operator.redisTenants?.give(tenant)) ?? '',
      WHISPER_TENANT_FILE: join(folder, 'tenant', 'tenant.json'),
      WHISPER_SECRETS: join(folder, 'secrets'),
      WHISPER_SERVICE_KEYS: join(folder, 'keys', 'service-keys.json'),
      WHISPER_DATA: join(folder, 'data'),
    },
  };
}
