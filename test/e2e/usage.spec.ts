import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EntityManager } from 'typeorm';
import { AppError } from '#libs/kernel/errors.js';
import { RandomIds, type TenantId } from '#libs/kernel/ids.js';
import { BudgetLedger } from '#libs/inference/app/budget-ledger.js';
import { UsageWriter } from '#libs/inference/app/usage-writer.js';
import type { UsageEvent } from '#libs/inference/domain/usage.js';
import type { UsageStores } from '#libs/inference/ports/usage-store.js';
import { FileUsageSpill } from '#libs/persistence/file-usage-spill.js';
import { PostgresTenantSessions } from '#libs/persistence/postgres-tenant-sessions.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';
import { ManualClock } from '#test/fakes/manual-clock.js';
import { SilentTelemetry } from '#test/fakes/silent-telemetry.js';
import { openTestDatabase, type TestDatabase } from '#test/support/test-database.js';
import { until } from '#test/support/until.js';

const ids = new RandomIds();
const clock = new ManualClock();

function eventOf(tenant: Tenant, change: Partial<UsageEvent> = {}): UsageEvent {
  return {
    id: ids.next(),
    tenant: tenant.id,
    at: new Date('2026-06-15T12:34:56Z'),
    personId: null,
    keyId: 'key0000001',
    channel: 'api',
    kind: 'chat',
    model: 'tiny',
    backend: 'local',
    status: 'ok',
    errorCode: null,
    promptTokens: 10,
    completionTokens: 5,
    estimated: false,
    costMicroUsd: 70,
    firstTokenMs: 12,
    totalMs: 340,
    attempts: 1,
    ...change,
  };
}

/** Real units of work that a test can make fail. */
class Breakable extends TenantSessions<UsageStores> {
  isBroken = false;
  constructor(private readonly inner: TenantSessions<UsageStores>) {
    super();
  }
  override run<Result>(tenant: TenantId, work: (stores: UsageStores) => Promise<Result>): Promise<Result> {
    if (this.isBroken) return Promise.reject(new AppError('database_unavailable', 'away'));
    return this.inner.run(tenant, work);
  }
}

describe('usage in the database', () => {
  let database: TestDatabase;
  let raw: PostgresTenantSessions<EntityManager>;
  let acme: Tenant;
  let globex: Tenant;
  let folder: string;

  beforeAll(async () => {
    database = await openTestDatabase();
    raw = new PostgresTenantSessions(
      database.directory,
      new Map([['main', database.dataSource]]),
      (manager) => manager,
    );
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    const suffix = ids
      .secret(4)
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, 'x');
    acme = await database.provision(`acme-${suffix}`);
    globex = await database.provision(`globex-${suffix}`);
    folder = await mkdtemp(join(tmpdir(), 'whisper-spill-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const rowsOf = (tenant: Tenant, sql: string): Promise<Record<string, unknown>[]> =>
    raw.run(tenant.id, (manager) => manager.query(sql));
  const append = (tenant: Tenant, events: readonly UsageEvent[]) =>
    database.sessions.run(tenant.id, (stores) => stores.usage.append(events));

  it('stands with its hour and its cost, all of one transaction', async () => {
    const first = eventOf(acme);
    const months = await append(acme, [
      first,
      eventOf(acme, { at: new Date('2026-05-31T23:59:59Z'), costMicroUsd: 5 }),
    ]);

    expect(new Map(months.map(({ month, spentMicroUsd }) => [month, spentMicroUsd]))).toEqual(
      new Map([
        ['2026-06-01', 70],
        ['2026-05-01', 5],
      ]),
    );
    const [row] = await rowsOf(acme, `select * from usage_event where id = '${first.id}'`);
    expect(row).toMatchObject({
      at: first.at,
      key_id: 'key0000001',
      person_id: null,
      status: 'ok',
      prompt_tokens: 10,
      cost_micro_usd: '70',
      first_token_ms: 12,
      estimated: false,
    });
    const hours = await rowsOf(acme, 'select hour from usage_dirty_hour order by hour');
    expect(hours).toEqual([{ hour: new Date('2026-05-31T23:00:00Z') }, { hour: new Date('2026-06-15T12:00:00Z') }]);
  });

  it('counts an event once that is written twice, beside new ones', async () => {
    const event = eventOf(acme);
    await append(acme, [event]);
    await append(acme, [event, eventOf(acme)]);

    expect(await rowsOf(acme, 'select count(*)::int as n from usage_event')).toEqual([{ n: 2 }]);
    expect(await database.sessions.run(acme.id, (stores) => stores.usage.spent('2026-06-01'))).toBe(140);
    expect(await append(acme, [event])).toEqual([]);
  });

  it('is exact when many write at once', async () => {
    await Promise.all(
      Array.from({ length: 20 }, () =>
        append(
          acme,
          Array.from({ length: 10 }, () => eventOf(acme, { costMicroUsd: 3 })),
        ),
      ),
    );

    expect(await database.sessions.run(acme.id, (stores) => stores.usage.spent('2026-06-01'))).toBe(600);
  });

  it("shows one tenant nothing of another's", async () => {
    await append(acme, [eventOf(acme)]);

    expect(await database.sessions.run(globex.id, (stores) => stores.usage.spent('2026-06-01'))).toBe(0);
    expect(await rowsOf(globex, 'select * from usage_event')).toEqual([]);
  });

  describe('through the writer', () => {
    function writerOf() {
      const sessions = new Breakable(database.sessions);
      const ledger = new BudgetLedger(sessions, clock);
      const spill = new FileUsageSpill(folder);
      const writer = new UsageWriter({ sessions, spill, ledger, clock, telemetry: new SilentTelemetry() });
      return { sessions, ledger, writer };
    }
    const budgetOf = (tenant: Tenant, monthlyMicroUsd: number) => ({
      ...tenant.manifest.models,
      monthlyMicroUsd,
      hardStop: true,
    });

    it('writes events of several tenants, each to its own place', async () => {
      const { writer } = writerOf();
      for (let times = 0; times < 300; times += 1) writer.record(eventOf(times % 3 === 0 ? globex : acme));
      await writer.close();

      expect(await rowsOf(acme, 'select count(*)::int as n from usage_event')).toEqual([{ n: 200 }]);
      expect(await rowsOf(globex, 'select count(*)::int as n from usage_event')).toEqual([{ n: 100 }]);
    });

    it('keeps events on disk through an outage and a restart, and writes each of them once', async () => {
      const before = writerOf();
      before.sessions.isBroken = true;
      for (let times = 0; times < 5; times += 1) before.writer.record(eventOf(acme));
      await before.writer.close();
      const spilled = await readdir(folder);

      const after = writerOf();
      after.writer.start();
      await until(async () => (await readdir(folder)).length === 0);
      await after.writer.close();

      expect(spilled.length).toBeGreaterThan(0);
      expect(await rowsOf(acme, 'select count(*)::int as n from usage_event')).toEqual([{ n: 5 }]);
      expect(await database.sessions.run(acme.id, (stores) => stores.usage.spent('2026-06-01'))).toBe(350);
    });

    it('leaves out what a broken disk has made of a line', async () => {
      await writeFile(join(folder, 'a.jsonl'), `{"id":"x"\n${JSON.stringify(eventOf(acme))}\n{}\n`);
      const { writer } = writerOf();
      writer.start();
      await until(async () => (await readdir(folder)).length === 0);
      await writer.close();

      expect(await rowsOf(acme, 'select count(*)::int as n from usage_event')).toEqual([{ n: 1 }]);
    });

    it('knows what is spent before, while and after it is written', async () => {
      await append(acme, [eventOf(acme, { costMicroUsd: 60 })]);
      const { writer, ledger } = writerOf();
      const models = budgetOf(acme, 100);
      await expect(ledger.demand(acme, models, { requestId: 'probe', microUsd: 0 })).resolves.toBeUndefined();

      writer.record(eventOf(acme, { costMicroUsd: 40 }));
      await expect(ledger.demand(acme, models, { requestId: 'probe', microUsd: 0 })).rejects.toMatchObject({
        code: 'budget_exhausted',
      });
      await writer.close();
      await expect(ledger.demand(acme, models, { requestId: 'probe', microUsd: 0 })).rejects.toMatchObject({
        code: 'budget_exhausted',
      });
      await expect(
        ledger.demand(acme, budgetOf(acme, 101), { requestId: 'probe', microUsd: 0 }),
      ).resolves.toBeUndefined();
    });

    it('lets no call pass a hard budget that it cannot read', async () => {
      const { ledger, sessions } = writerOf();
      sessions.isBroken = true;

      await expect(ledger.demand(acme, budgetOf(acme, 100), { requestId: 'probe', microUsd: 0 })).rejects.toMatchObject(
        { code: 'database_unavailable' },
      );
    });
  });
});
