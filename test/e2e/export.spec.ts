import { createReadStream } from 'node:fs';
import { appendFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { openTestDatabase, type TestDatabase } from '#test/support/test-database.js';
import { until } from '#test/support/until.js';

describe('an export of a tenant', () => {
  let database: TestDatabase;
  let admin: pg.Client;
  let root: string;
  let acme: Tenant;
  const awkward = 'a\tb\nc\\d "e" ü \\N {"x": null}';

  beforeAll(async () => {
    database = await openTestDatabase();
    root = await mkdtemp(join(tmpdir(), 'whisper-export-'));
    admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
    acme = await database.provision('acme');
    await database.sessions.run(acme.id, async ({ settings }) => {
      await settings.set('greeting', awkward, 'test');
      for (let n = 0; n < 500; n += 1) await settings.set(`key-${n}`, { n, text: awkward }, 'test');
    });
  });
  afterAll(async () => {
    await admin.end();
    await database.close();
    await rm(root, { recursive: true, force: true });
  });

  const tables = async () =>
    (
      await admin.query<{ name: string }>('select tablename as name from pg_tables where schemaname = $1 order by 1', [
        acme.schema,
      ])
    ).rows.map(({ name }) => name);

  it('has every table of the schema, a new one too', async () => {
    await admin.query(
      `create table ${acme.schema}.novelty (id integer, twice integer generated always as (id * 2) stored)`,
    );
    await admin.query(`insert into ${acme.schema}.novelty select generate_series(1, 7)`);

    const report = await database.exporter.export(acme.id, root);

    expect(report.tables.map(({ name }) => name)).toEqual(await tables());
    expect(report.tables.find(({ name }) => name === 'novelty')).toMatchObject({ rows: 7, columns: ['id'] });
    expect(report.tables.find(({ name }) => name === 'setting')?.rows).toBe(501);
    expect(report.tables.some(({ name }) => name === 'tenancy')).toBe(true);
    expect((await stat(join(report.folder, 'setting.copy'))).mode & 0o077).toBe(0);
  });

  it('can be copied back, letter for letter', async () => {
    const report = await database.exporter.export(acme.id, root);
    await admin.query('drop schema if exists back cascade; create schema back');

    for (const { name, columns } of report.tables) {
      await admin.query(`create table back.${name} (like ${acme.schema}.${name} including generated)`);
      const into = admin.query(copyFrom(`copy back.${name} (${columns.map((c) => `"${c}"`).join(', ')}) from stdin`));
      await pipeline(createReadStream(join(report.folder, `${name}.copy`)), into);
      const differing = await admin.query(
        `(table back.${name} except table ${acme.schema}.${name}) union all (table ${acme.schema}.${name} except table back.${name})`,
      );
      expect([name, differing.rowCount]).toEqual([name, 0]);
    }
  });

  it('is not believed when a letter of it has changed, or a file is gone', async () => {
    const report = await database.exporter.export(acme.id, root);
    await expect(database.exporter.verify(report.folder)).resolves.toMatchObject({ tenant: { slug: 'acme' } });

    await appendFile(join(report.folder, 'person.copy'), 'x\n');
    await expect(database.exporter.verify(report.folder)).rejects.toMatchObject({
      code: 'export_failed',
      message: expect.stringContaining('person.copy') as unknown,
    });
    await rm(join(report.folder, 'manifest.json'));
    await expect(database.exporter.verify(report.folder)).rejects.toMatchObject({ code: 'export_failed' });
  });

  it('is written anew where half of one is there, and given as it is where a retired tenant has a whole one', async () => {
    await database.registry.retire(acme.id);

    const first = await database.exporter.export(acme.id, root);
    const again = await database.exporter.export(acme.id, root);
    await appendFile(join(first.folder, 'person.copy'), 'x\n');
    const mended = await database.exporter.export(acme.id, root);

    expect(again.takenAt).toBe(first.takenAt);
    expect(mended.takenAt).not.toBe(first.takenAt);
    expect(await readdir(root)).toEqual([`acme-${acme.id}`]);
  });

  it('lets nobody write once the tenant is retired', async () => {
    await until(async () => (await database.directory.byId(acme.id))?.state === 'erasing');

    const written = database.sessions.run(acme.id, ({ settings }) => settings.set('late', 1, 'test'));

    await expect(written).rejects.toMatchObject({ code: 'not_found' });
  });
});
