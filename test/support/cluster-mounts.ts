import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CompiledTenant } from '#libs/contracts/compiled-tenant.js';
import type { OperatorParts } from '#libs/platform/compose-operator.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { ClusterSigner } from './cluster-signer.js';

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

type App = 'chat' | 'router' | 'admin';

/** What pods find mounted, and what their environment says of it, without ports. */
export interface PodMounts {
  readonly folder: string;
  /** Of every app. */
  readonly env: Readonly<Record<string, string>>;
  envOf(app: App): Record<string, string>;
}

interface Namespaced {
  readonly cluster: ClusterSigner;
  readonly namespace: string;
  /** Starts the names of the service accounts. */
  readonly prefix: string;
  readonly serviceKeys: string;
}

/** Keys for the router, a pod's token for each of the others: how they prove themselves in a cluster. */
export async function mountIdentities(
  { cluster, namespace, prefix, serviceKeys }: Namespaced,
  env: Readonly<Record<string, string>>,
): Promise<PodMounts> {
  const token = (app: App) => cluster.token({ namespace, account: `${prefix}${app}`, pod: `${app}-1` });
  const folder = await mount({
    'keys/service-keys.json': serviceKeys,
    'keys/cluster-keys.json': cluster.document(),
    'chat/token': await token('chat'),
    'admin/token': await token('admin'),
  });
  const client = (app: App) => `${app}=${namespace}/${prefix}${app}`;
  return {
    folder,
    env,
    envOf: (app) => ({
      ...env,
      ...(app === 'router'
        ? {
            WHISPER_SERVICE_KEYS: join(folder, 'keys', 'service-keys.json'),
            WHISPER_CLUSTER_KEYS: join(folder, 'keys', 'cluster-keys.json'),
            WHISPER_TOKEN_CLIENTS: [client('chat'), client('admin')].join(','),
          }
        : { WHISPER_POD_TOKEN: join(folder, app, 'token') }),
    }),
  };
}

/** What the pods of a dedicated tenant get. */
export async function mountDedicated(
  operator: OperatorParts,
  tenant: Tenant,
  cluster: ClusterSigner,
): Promise<PodMounts & { readonly tenantFile: string }> {
  const folder = await mount({
    'tenant/tenant.json': compiled(tenant),
    'tenant/backends.json': JSON.stringify(demo),
    'secrets/master-key': operator.masterKeyOf(tenant.id),
  });
  const tenantFile = join(folder, 'tenant', 'tenant.json');
  const namespace = `whisper-${tenant.slug}`;
  const serviceKeys = await operator.makeServiceKeys();
  const mounts = await mountIdentities(
    { cluster, namespace, prefix: '', serviceKeys },
    {
      DATABASE_URL: await operator.logins.give(tenant.id),
      REDIS_URL: (await operator.redisTenants?.give(tenant)) ?? '',
      WHISPER_TENANT_FILE: tenantFile,
      WHISPER_SECRETS: join(folder, 'secrets'),
      WHISPER_DATA: join(folder, 'data'),
    },
  );
  return { ...mounts, tenantFile };
}

/** Puts another file in the place of a mounted one, as the kubelet does. */
export async function remount(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o444 });
  await rename(`${path}.new`, path);
}
