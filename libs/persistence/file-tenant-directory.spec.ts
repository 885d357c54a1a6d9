import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CompiledTenant } from '#libs/contracts/compiled-tenant.js';
import { FollowedFile } from '#libs/kernel/followed-file.js';
import { RandomIds, tenantId } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { oidcProfile } from '#test/support/sso-profiles.js';
import { memoryTenant } from '#test/fakes/memory-tenants.js';
import { FileTenantDirectory, readCompiledTenant } from './file-tenant-directory.js';

/** What the operator writes: the domain's tenant has the shape of the contract, which the compiler checks here. */
function compile(tenant: Tenant): string {
  const compiled: CompiledTenant = tenant;
  return JSON.stringify(CompiledTenant.parse(compiled));
}

const acme: Tenant = {
  ...memoryTenant('acme', {
    backends: [{ name: 'vllm' }],
    rateLimits: { rpm: 60, tpm: null, concurrent: 4 },
    allow: ['a', 'b'],
  }),
  hosts: ['acme.example.com', 'acme.localhost'],
};

describe('readCompiledTenant', () => {
  it.each([
    ['as an earlier operator wrote it', {}],
    ['with an identity provider that is asked again', { recheckMinutes: 15 }],
  ])('gives back what was compiled, %s', (_case, change) => {
    const sso = oidcProfile({
      issuer: 'https://idp.example.com',
      clientSecretRef: { name: 'sso', key: 'value' },
      groupRoles: [{ group: 'staff', role: 'admin' }],
      ...change,
    });
    const tenant = { ...acme, manifest: { ...acme.manifest, sso } };

    expect(readCompiledTenant(compile(tenant))).toEqual(tenant);
  });

  it('drops what a newer operator has added', () => {
    expect(readCompiledTenant(JSON.stringify({ ...acme, novelty: 1 }))).toEqual(acme);
  });

  it.each([
    ['no JSON', 'acme', 'JSON'],
    ['a row without an epoch', JSON.stringify({ ...acme, epoch: undefined }), 'epoch'],
    ['a schema that is not opaque', JSON.stringify({ ...acme, schema: 'public' }), 'schema'],
  ])('refuses %s', (_case, text, word) => {
    expect(() => readCompiledTenant(text)).toThrow(word);
  });
});

describe('FileTenantDirectory', () => {
  let folder: string;
  let file: FollowedFile<Tenant>;
  let directory: FileTenantDirectory;
  const path = () => join(folder, 'tenant.json');

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'whisper-row-'));
    await writeFile(path(), compile(acme));
    file = await FollowedFile.open({ path: path(), parse: readCompiledTenant, report: () => undefined });
    directory = new FileTenantDirectory(file);
  });
  afterEach(async () => {
    file.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('knows its own tenant by host, id and name, and nobody else', async () => {
    const found = await Promise.all([
      directory.byHost('acme.example.com'),
      directory.byId(acme.id),
      directory.bySlug('acme'),
      directory.byHost('globex.example.com'),
      directory.byId(tenantId(new RandomIds().next())),
      directory.bySlug('globex'),
    ]);

    expect(found).toEqual([acme, acme, acme, null, null, null]);
    expect(await directory.list()).toEqual([acme]);
  });

  it('follows the file, and tells of a change', async () => {
    let changes = 0;
    directory.onChange(() => (changes += 1));

    await writeFile(path(), compile({ ...acme, state: 'suspended', epoch: 2 }));
    await file.read();

    expect(await directory.byId(acme.id)).toMatchObject({ state: 'suspended', epoch: 2 });
    expect(changes).toBe(1);
  });
});
