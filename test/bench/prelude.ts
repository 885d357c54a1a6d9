import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { DataSource } from 'typeorm';
import { openDataSource } from '#libs/persistence/data-source.js';
import { EmbeddedPostgres } from '#libs/persistence/embedded/embedded-postgres.js';
import { PostgresTenantSessions } from '#libs/persistence/postgres-tenant-sessions.js';
import { openStores } from '#libs/persistence/open-stores.js';
import { rows } from '#libs/persistence/rows/all-rows.js';
import { SettingRow } from '#libs/persistence/rows/setting-row.js';
import { openTestDatabase, type TestDatabase } from '#test/support/test-database.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { type BenchRow, benchRow, percentile } from './bench-row.js';

const bench = 'tenancy prelude';
const samples = 600;
const oneWayMs = 1;

/** A unit of work as a tenant beside the same transaction without tenancy, near and 2 ms away. */
export async function benchPrelude(): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'whisper-bench-'));
  await chmod(folder, 0o711);
  const postgres = await EmbeddedPostgres.start(folder, () => undefined);
  process.env['WHISPER_TEST_POSTGRES'] = postgres.url('postgres');
  const database = await openTestDatabase();
  try {
    const acme = await database.provision('acme');
    await database.sessions.run(acme.id, ({ settings }) => settings.set('branding.greeting', 'Hello', 'bench'));
    const far = await slowProxy(Number(new URL(postgres.url('postgres')).port));
    const result = [
      await compare(database, acme, { place: 'loopback', port: null, goal: 'report' }),
      await compare(database, acme, {
        place: '2 ms round trip',
        port: (far.address() as AddressInfo).port,
        goal: '<= 1.1x at p50',
      }),
    ];
    far.close();
    return result;
  } finally {
    await database.close();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function through(url: string, port: number | null): string {
  if (port === null) return url;
  const changed = new URL(url);
  changed.port = String(port);
  return changed.toString();
}

async function compare(
  database: TestDatabase,
  tenant: Tenant,
  way: { place: string; port: number | null; goal: string },
): Promise<BenchRow> {
  const ours = await openDataSource(through(database.installation.appUrl, way.port), rows, 2);
  const plainUrl = new URL(through(database.adminUrl, way.port));
  plainUrl.searchParams.set('options', `-c search_path=${tenant.schema}`);
  const plain = await openDataSource(plainUrl.toString(), rows, 2);
  const sessions = new PostgresTenantSessions(database.directory, new Map([['main', ours]]), openStores);
  const asTenant = () => sessions.run(tenant.id, ({ settings }) => settings.all());
  const without = () => plainTransaction(plain);
  const times = { tenant: [] as number[], plain: [] as number[] };
  for (let index = 0; index < samples; index += 1) {
    times.tenant.push(await timed(asTenant));
    times.plain.push(await timed(without));
  }
  await Promise.all([ours.destroy(), plain.destroy()]);
  const settled = (list: readonly number[]) => percentile(list.slice(50), 0.5);
  return benchRow({
    bench,
    measure: `read in a transaction, p50, ${way.place}`,
    value: settled(times.tenant),
    unit: 'ms',
    baseline: settled(times.plain),
    goal: way.goal,
  });
}

/** The same read as a login that owns the schema: BEGIN, read, COMMIT. */
async function plainTransaction(source: DataSource): Promise<unknown> {
  const runner = source.createQueryRunner();
  try {
    await runner.startTransaction();
    const found = await runner.manager.getRepository(SettingRow).find();
    await runner.commitTransaction();
    return found;
  } finally {
    await runner.release();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

/** A proxy that holds every packet back for a millisecond in each direction. */
async function slowProxy(port: number): Promise<Server> {
  const delay = (from: Socket, to: Socket) => {
    from.on('data', (bytes) => setTimeout(() => to.writable && to.write(bytes), oneWayMs));
    from.on('close', () => setTimeout(() => to.destroy(), oneWayMs));
    from.on('error', () => to.destroy());
  };
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    delay(client, upstream);
    delay(upstream, client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
