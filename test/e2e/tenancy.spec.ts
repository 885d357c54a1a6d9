import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { EntityManager } from 'typeorm';
import { RandomIds, tenantId } from '#libs/kernel/ids.js';
import { PostgresTenantSessions } from '#libs/persistence/postgres-tenant-sessions.js';
import { SettingRow } from '#libs/persistence/rows/setting-row.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { openTestDatabase, type TestDatabase } from '#test/support/test-database.js';

describe('a unit of work', () => {
  let database: TestDatabase;
  let acme: Tenant;
  let globex: Tenant;
  let raw: PostgresTenantSessions<EntityManager>;

  beforeAll(async () => {
    database = await openTestDatabase();
    [acme, globex] = await Promise.all([database.provision('acme'), database.provision('globex')]);
    raw = new PostgresTenantSessions(
      database.directory,
      new Map([['main', database.dataSource]]),
      (manager) => manager,
    );
  });
  afterAll(() => database.close());

  it('keeps what one tenant writes from the other', async () => {
    await database.sessions.run(acme.id, ({ settings }) => settings.set('branding.greeting', 'Hello Acme', 'test'));

    const seenByAcme = await database.sessions.run(acme.id, ({ settings }) => settings.all());
    const seenByGlobex = await database.sessions.run(globex.id, ({ settings }) => settings.all());

    expect(seenByAcme.get('branding.greeting')).toBe('Hello Acme');
    expect(seenByGlobex.size).toBe(0);
  });

  it('lets a tenant reach no table of another one, by name or by role', async () => {
    const attempts = [
      `select * from ${globex.schema}.setting`,
      `set role ${globex.role}`,
      `select set_config('role', '${globex.role}', true)`,
      'create table public.escape (x int)',
      'select * from whisper_control.tenant',
    ];

    for (const attempt of attempts.filter((sql) => !sql.startsWith('set role')))
      await expect(raw.run(acme.id, (manager) => manager.query(attempt))).rejects.toMatchObject({
        code: 'internal',
        cause: { code: '42501' },
      });
  });

  it('refuses a second statement behind a semicolon', async () => {
    const stacked = raw.run(acme.id, (manager) => manager.query(`select 1; set local role ${globex.role}`));

    await expect(stacked).rejects.toMatchObject({ cause: { code: '42601' } });
  });

  it('saves nothing when a store failed, even if somebody swallowed the error', async () => {
    const swallowed = raw.run(acme.id, async (manager) => {
      await manager
        .getRepository(SettingRow)
        .save({ key: 'kept?', value: 1, changedBy: 'test', changedAt: new Date() });
      await manager.query('select 1 / 0').catch(() => undefined);
    });

    await expect(swallowed).rejects.toMatchObject({ code: 'internal' });
    const settings = await database.sessions.run(acme.id, (stores) => stores.settings.all());
    expect(settings.has('kept?')).toBe(false);
  });

  it('sees no table at all outside a unit of work', async () => {
    await expect(database.dataSource.getRepository(SettingRow).find()).rejects.toThrow('does not exist');
  });

  it('knows no tenant that is not there', async () => {
    await expect(
      database.sessions.run(tenantId(new RandomIds().next()), () => Promise.resolve()),
    ).rejects.toMatchObject({ code: 'not_found' });
  });

  it('never mixes tenants under load with errors', async () => {
    await database.sessions.run(acme.id, ({ settings }) => settings.set('who', 'acme', 'test'));
    await database.sessions.run(globex.id, ({ settings }) => settings.set('who', 'globex', 'test'));

    const answers = await Promise.all(
      Array.from({ length: 400 }, async (_, index) => {
        const tenant = index % 2 === 0 ? acme : globex;
        if (index % 7 === 0)
          await raw.run(tenant.id, (manager) => manager.query('select 1 / 0')).catch(() => undefined);
        const settings = await database.sessions.run(tenant.id, (stores) => stores.settings.all());
        return settings.get('who') === tenant.slug;
      }),
    );

    expect(answers.every(Boolean)).toBe(true);
  });

  it('hears of a new tenant, a change and an erasure at once', async () => {
    expect(await database.directory.byHost('initech.localhost')).toBeNull();

    const initech = await database.provision('initech');
    await until(async () => (await database.directory.byHost('initech.localhost'))?.id === initech.id);
    await database.registry.suspend('initech');
    await until(async () => (await database.directory.byId(initech.id))?.state === 'suspended');
    await database.registry.erase(initech.id);
    await until(async () => (await database.directory.byId(initech.id)) === null);

    const admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
    const { rows } = await admin.query('select 1 from pg_namespace where nspname = $1', [initech.schema]);
    await admin.end();
    expect(rows).toHaveLength(0);
  });

  it('refuses a host that another tenant has', async () => {
    await expect(
      database.registry.apply({
        slug: 'thief',
        hosts: ['acme.localhost'],
        suspended: false,
        revision: 'r',
        profile: acme.manifest,
      }),
    ).rejects.toMatchObject({ code: 'conflict', field: 'spec.domains' });
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 20) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it never happened');
}
