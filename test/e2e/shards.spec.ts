import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { EntityManager } from 'typeorm';
import { PostgresTenantDirectory } from '#libs/persistence/postgres-tenant-directory.js';
import { PostgresTenantSessions } from '#libs/persistence/postgres-tenant-sessions.js';
import { openShared, type SharedDatabase } from '#libs/persistence/open-shared.js';
import { openStores } from '#libs/persistence/open-stores.js';
import { smallPool } from '#libs/persistence/small-pool.js';
import { openDataSource } from '#libs/persistence/data-source.js';
import { readMigrations, versionTable } from '#libs/persistence/migrations.js';
import { rows } from '#libs/persistence/rows/all-rows.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TenantDescription } from '#libs/tenancy/ports/tenant-registry.js';
import { startAnotherPostgres } from '#test/support/another-postgres.js';
import { type CuttableProxy, startCuttableProxy } from '#test/support/cuttable-proxy.js';
import { openTestDatabase, profileOf, type TestDatabase } from '#test/support/test-database.js';
import { until } from '#test/support/until.js';

const describes = (slug: string, change: Partial<TenantDescription> = {}): TenantDescription => ({
  slug,
  hosts: [`${slug}.localhost`],
  suspended: false,
  revision: 'r1',
  profile: profileOf(slug),
  ...change,
});

async function ask<Row extends pg.QueryResultRow>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

describe('tenants on two database servers', () => {
  let database: TestDatabase;
  let far: Awaited<ReturnType<typeof startAnotherPostgres>>;
  const farShard = { name: 'far', region: 'us', capacity: 2, cordoned: false, weight: 100 };

  beforeAll(async () => {
    [database, far] = await Promise.all([openTestDatabase(), startAnotherPostgres()]);
    await database.shards.apply({ ...farShard, adminUrl: far.url });
  });
  afterAll(async () => {
    await database.close();
    await far.stop();
  });

  it('keeps a tenant on the shard it was placed on, and nowhere else', async () => {
    const near = await database.registry.apply(describes('near', { placement: { shard: 'main' } }));
    const away = await database.registry.apply(describes('away', { placement: { region: 'us' } }));

    await database.sessions.run(near.id, ({ settings }) => settings.set('where', 'near', 'test'));
    await database.sessions.run(away.id, ({ settings }) => settings.set('where', 'away', 'test'));

    const schemas = 'select nspname from pg_namespace where nspname = any($1)';
    const names = [near.schema, away.schema];
    expect(await ask(database.adminUrl, schemas, [names])).toEqual([{ nspname: near.schema }]);
    expect(await ask(far.url, schemas, [names])).toEqual([{ nspname: away.schema }]);
    expect([near.shard, away.shard]).toEqual(['main', 'far']);
    expect((await database.sessions.run(away.id, ({ settings }) => settings.all())).get('where')).toBe('away');
  });

  it('leaves a tenant where it is, whatever its manifest asks for later', async () => {
    const again = await database.registry.apply(describes('away', { placement: { shard: 'main' }, revision: 'r2' }));

    expect(again.shard).toBe('far');
  });

  it('says why there is no place, and makes nothing', async () => {
    await database.registry.apply(describes('second', { placement: { shard: 'far' } }));

    await expect(database.registry.apply(describes('third', { placement: { region: 'us' } }))).rejects.toMatchObject({
      code: 'no_shard',
      message: 'No shard takes the tenant "third": far is full (2 of 2).',
    });
    expect((await database.registry.all()).map(({ slug }) => slug)).not.toContain('third');
  });

  it('never lets two new tenants take the same last place', async () => {
    await database.shards.apply({ ...farShard, capacity: 3, adminUrl: far.url });

    const outcomes = await Promise.allSettled(
      ['race-a', 'race-b', 'race-c'].map((slug) =>
        database.registry.apply(describes(slug, { placement: { shard: 'far' } })),
      ),
    );

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('passes over a shard that does not answer, and leaves nothing of the try behind', async () => {
    const line = await startCuttableProxy(Number(new URL(far.url).port));
    const through = new URL(far.url);
    through.port = String(line.port);
    const pair = { ...farShard, region: 'pair', capacity: 9 };
    await database.shards.apply({ ...pair, name: 'dead', weight: 1_000, adminUrl: through.href });
    await database.shards.inspect('dead');
    line.setOn(false);
    const wish = { placement: { region: 'pair' } };

    // It answered a moment ago, which is believed once.
    await expect(database.registry.apply(describes('moved', wish))).rejects.toMatchObject({
      code: 'shard_unavailable',
    });
    await expect(database.registry.apply(describes('moved', wish))).rejects.toMatchObject({
      message: 'No shard takes the tenant "moved": dead cannot be reached.',
    });
    await database.shards.apply({ ...pair, name: 'well', adminUrl: far.url });
    const placed = await database.registry.apply(describes('moved', wish));
    const next = await database.registry.apply(describes('next', wish));

    expect([placed.shard, next.shard]).toEqual(['well', 'well']);
    expect(await database.registry.find('moved')).toMatchObject({ shard: 'well', state: 'active' });
    expect(await database.registry.find('nobody')).toBeNull();
    await line.close();
  });

  it('reports what a shard is like, and what is wrong with one that is away', async () => {
    const report = await database.shards.inspect('far');
    const away = await database.shards.inspect('nowhere');

    expect(report).toMatchObject({ reachable: true, tenants: 3, error: null });
    expect(report.serverVersion).toMatch(/^\d+(\.\d+)?$/);
    expect(report.sizeBytes).toBeGreaterThan(1_000_000);
    expect(away).toMatchObject({ reachable: false, tenants: 0, sizeBytes: null });
    expect(away.error).toContain('"nowhere" cannot be reached');
  });

  it('keeps a shard while tenants live there', async () => {
    await expect(database.shards.remove('far')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('refuses a server whose login may not do the work, says what to run, and keeps no row of it', async () => {
    await ask(far.url, "create role guest login password 'g'");
    const guest = new URL(far.url);
    guest.username = 'guest';
    guest.password = 'g';

    await expect(
      database.shards.apply({ ...farShard, name: 'open', adminUrl: guest.toString() }),
    ).rejects.toMatchObject({
      code: 'start_failed',
      field: 'shard open',
      message: 'The login of shard open may not create roles.',
      action: expect.stringContaining('CREATEROLE') as unknown,
    });
    expect(await ask(database.adminUrl, `select id from whisper_control.shard where id = 'open'`)).toEqual([]);
  });
});

describe('the shared apps, by a folder of shards', () => {
  let database: TestDatabase;
  let far: Awaited<ReturnType<typeof startAnotherPostgres>>;
  let line: CuttableProxy;
  let folder: string;
  let shared: SharedDatabase;
  let near: Tenant;
  let away: Tenant;
  const farFile = () => join(folder, 'far', 'url');

  beforeAll(async () => {
    [database, far] = await Promise.all([openTestDatabase(), startAnotherPostgres()]);
    line = await startCuttableProxy(Number(new URL(far.url).port));
    const usual = { region: 'eu', capacity: null, cordoned: false, weight: 100 };
    const { appUrl } = await database.shards.apply({ ...usual, name: 'far', adminUrl: far.url });
    near = await database.registry.apply(describes('near', { placement: { shard: 'main' }, isolation: 'pooled' }));
    away = await database.registry.apply(describes('away', { placement: { shard: 'far' }, isolation: 'pooled' }));
    await database.registry.apply(describes('own', { placement: { shard: 'main' } }));
    folder = await mkdtemp(join(tmpdir(), 'whisper-shards-'));
    for (const name of ['main', 'far']) await mkdir(join(folder, name));
    await writeFile(join(folder, 'main', 'url'), database.installation.appUrl);
    const throughLine = new URL(appUrl);
    throughLine.port = String(line.port);
    await writeFile(farFile(), `${throughLine.toString()}\n`);
    shared = await openShared({
      url: database.installation.appUrl,
      shardsFolder: folder,
      isolation: 'pooled',
      poolSize: 2,
    });
  });
  afterAll(async () => {
    await shared.close();
    await line.close();
    await database.close();
    await far.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const read = (tenant: Tenant) => shared.sessions.run(tenant.id, ({ settings }) => settings.all());

  it('know the pooled tenants and no other', async () => {
    expect((await shared.directory.list()).map(({ slug }) => slug)).toEqual(['away', 'near']);
    expect(await shared.directory.byHost('own.localhost')).toBeNull();
    expect(await shared.directory.bySlug('near')).toEqual(near);
  });

  it('serve everybody else while one shard is away, stay ready, and serve its tenants again once it is back', async () => {
    await read(away);
    line.setOn(false);
    line.cut();

    await expect(read(away)).rejects.toMatchObject({ code: 'database_unavailable' });
    await expect(read(near)).resolves.toBeInstanceOf(Map);
    await expect(shared.isReady()).resolves.toBe(true);
    line.setOn(true);
    await until(() =>
      read(away).then(
        () => true,
        () => false,
      ),
    );
  });

  it('let go of a shard that leaves the folder, and find it when it comes back', async () => {
    const address = await readFile(farFile(), 'utf8');
    const ofApp = () =>
      ask<{ n: number }>(far.url, 'select count(*)::int as n from pg_stat_activity where usename = $1', [
        database.installation.appRole,
      ]);
    await read(away);

    await rm(farFile());

    await until(async () => (await ofApp())[0]?.n === 0);
    await expect(read(away)).rejects.toMatchObject({
      code: 'shard_unavailable',
      message: expect.stringContaining('"far"') as unknown,
    });
    await writeFile(farFile(), address);
    await until(() =>
      read(away).then(
        () => true,
        () => false,
      ),
    );
  });

  it('hear nothing where a description is applied again that changes nothing', async () => {
    let changes = 0;
    shared.directory.onChange(() => (changes += 1));

    await database.registry.apply(describes('near', { isolation: 'pooled' }));
    await database.registry.applyBackend({ name: 'b', revision: '1', spec: {} });
    await until(() => changes === 1);
    await database.registry.applyBackend({ name: 'b', revision: '1', spec: {} });
    await database.registry.removeBackend('nothing');
    await database.registry.apply(describes('near', { isolation: 'pooled', revision: 'r2' }));
    await until(() => changes === 2);

    expect((await shared.directory.bySlug('near'))?.revision).toBe('r2');
  });
});

describe('a process whose directory is out of date', () => {
  let database: TestDatabase;
  let acme: Tenant;
  beforeAll(async () => {
    database = await openTestDatabase();
    acme = await database.provision('acme');
  });
  afterAll(() => database.close());

  it('is refused by the tenant schema itself, writes nothing, and is served again once it has asked anew', async () => {
    // It never listens, so that only the schema can tell it.
    const pool = smallPool(database.installation.appUrl, 1);
    const deaf = new PostgresTenantDirectory(pool, database.installation.appUrl);
    const source = await openDataSource(database.installation.appUrl, rows, 2);
    const late = new PostgresTenantSessions(deaf, new Map([['main', source]]), openStores);
    await late.run(acme.id, ({ settings }) => settings.set('who', 'early', 'test'));
    await database.registry.suspend('acme');
    await database.registry.apply(describes('acme', { revision: 'r2' }));

    const refused = late.run(acme.id, ({ settings }) => settings.set('who', 'late', 'test'));

    await expect(refused).rejects.toMatchObject({ code: 'tenant_moved', retryable: true });
    await until(async () => (await deaf.byId(acme.id))?.epoch === 3);
    const settings = await late.run(acme.id, (stores) => stores.settings.all());
    expect(settings.get('who')).toBe('early');
    await source.destroy();
    await pool.end();
  });

  it('cannot change the epoch as the tenant', async () => {
    const raw = new PostgresTenantSessions<EntityManager>(
      database.directory,
      new Map([['main', database.dataSource]]),
      (manager) => manager,
    );

    await until(async () => (await database.directory.byId(acme.id))?.epoch === 3);
    await expect(raw.run(acme.id, (manager) => manager.query('update tenancy set epoch = 9'))).rejects.toMatchObject({
      cause: { code: '42501' },
    });
  });

  /** Makes acme's schema anew as that version had made it, with a setting in it. */
  const asOfVersion = async (version: number): Promise<void> => {
    const folder = fileURLToPath(new URL('../../../migrations/tenant', import.meta.url));
    const steps = (await readMigrations(folder)).slice(0, version);
    const { schema, role } = acme;
    const admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
    for (const statement of [
      `drop schema ${schema} cascade`,
      `create schema ${schema}`,
      `set search_path to ${schema}`,
      versionTable,
      ...steps.flatMap(({ sql, version: number, name }) => [
        sql,
        `insert into schema_version (version, name) values (${number}, '${name}')`,
      ]),
      `insert into setting (key, value, changed_by) values ('who', '"early"', 'test')`,
      `grant usage on schema ${schema} to ${role}`,
      `grant select, insert, update, delete on all tables in schema ${schema} to ${role}`,
      `update whisper_control.migration_ledger set version = ${version}`,
    ])
      await admin.query(statement);
    await admin.end();
  };

  it('brings a tenant of an older version up to date', async () => {
    await asOfVersion(3);
    expect(await database.registry.outdated()).toEqual(new Set(['acme']));

    await database.registry.upgrade('acme');

    expect(await database.registry.outdated()).toEqual(new Set());
    const settings = await database.sessions.run(acme.id, (stores) => stores.settings.all());
    expect(settings.get('who')).toBe('early');
    const [row] = await ask<{ epoch: number }>(database.adminUrl, `select epoch from ${acme.schema}.tenancy`);
    expect(row?.epoch).toBe((await database.registry.all())[0]?.epoch);
  });
});
