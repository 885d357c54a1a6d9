import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { openTestDatabase, type TestDatabase } from '#test/support/test-database.js';
import { breakStatement } from '#test/support/faulty-pool.js';

/** More statements than any of these operations sends; reaching it unbroken ends the search. */
const mostStatements = 120;

describe('provisioning that dies after any of its statements', () => {
  let database: TestDatabase;
  let admin: pg.Client;
  beforeAll(async () => {
    database = await openTestDatabase();
    admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await database.close();
  });

  /** Runs `work` with a fault at each statement in turn, and `mended` after each run. @returns how many there were */
  async function everyFault(
    work: (run: number) => Promise<unknown>,
    mended: (run: number) => Promise<void>,
  ): Promise<number> {
    for (let at = 1; at <= mostStatements; at += 1) {
      const fault = breakStatement(at);
      await work(at)
        .catch(() => undefined)
        .finally(() => fault.mend());
      if (!fault.came()) return at - 1;
      await mended(at);
    }
    throw new Error(`there were more than ${mostStatements} statements`);
  }

  it('ends with a whole tenant when it is run again', async () => {
    const faults = await everyFault(
      (run) => database.provision(`made-${run}`),
      async (run) => {
        const tenant = await database.provision(`made-${run}`);
        await database.sessions.run(tenant.id, ({ settings }) => settings.set('whole', run, 'test'));
        expect(tenant).toMatchObject({ state: 'active', epoch: 1 });
      },
    );

    expect(faults).toBeGreaterThan(12);
  });

  it('ends with nothing when an erasure is run again', async () => {
    const made = new Map<number, Awaited<ReturnType<typeof database.provision>>>();
    for (let run = 1; run <= 30; run += 1) made.set(run, await database.provision(`gone-${run}`));
    const tenantOf = (run: number) => made.get(run)!;

    const faults = await everyFault(
      (run) => database.registry.erase(tenantOf(run).id),
      async (run) => {
        const { id, schema, role, slug } = tenantOf(run);
        await database.registry.erase(id);
        const left = await admin.query(
          `select nspname from pg_namespace where nspname = $1 union all select rolname from pg_roles where rolname = $2
           union all select slug from whisper_control.tenant where slug = $3`,
          [schema, role, slug],
        );
        expect(left.rows).toEqual([]);
      },
    );

    expect(faults).toBeGreaterThan(8);
    for (const { id } of made.values()) await database.registry.erase(id);
  });

  it('shuts and opens a tenant to a state that schema and directory agree on', async () => {
    const { id, slug, schema } = await database.provision('wave');
    const agree = async () => {
      const { rows } = await admin.query<{ there: number; here: number }>(
        `select t.epoch as there, s.epoch as here from whisper_control.tenant t, ${schema}.tenancy s where t.slug = $1`,
        [slug],
      );
      expect(rows[0]?.here).toBe(rows[0]?.there);
    };

    await everyFault(
      () => database.registry.suspend(slug),
      async () => {
        await database.registry.suspend(slug);
        await agree();
        await database.provision(slug);
        await agree();
      },
    );

    await database.registry.erase(id);
  });

  it('refuses to make a tenant anew while it is being erased', async () => {
    const { id } = await database.provision('half');
    await database.registry.retire(id);

    await expect(database.provision('half')).rejects.toMatchObject({ code: 'conflict', field: 'metadata.name' });

    await database.registry.erase(id);
    expect((await database.provision('half')).id).not.toBe(id);
  });
});
