import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import type { WebSocket } from 'ws';
import { internalRoutes } from '#libs/contracts/router-api.js';
import { pause } from '#libs/kernel/abort.js';
import { EmbeddedPostgres } from '#libs/persistence/embedded/embedded-postgres.js';
import { type BenchRow, benchRow, percentile } from './bench-row.js';
import { type PlatformProcess, startPlatformProcess } from './platform-process.js';
import { signIn } from './signed-in.js';
import { startChild } from './child.js';
import { wordTenant } from './word-tenant.js';

const bench = `authentication (Node ${process.versions.node})`;
const rounds = 7;
const requestsPerRound = 1_500;
const atOnce = 16;
const signIns = 200;

interface Ready {
  readonly facesPort: number;
  readonly routerPort: number;
  readonly cookie: string;
  readonly key: string;
  readonly token: string;
}

interface Route {
  readonly name: string;
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What it costs to find out who calls, beside the same route that takes it for granted; and sign-ins beside a chat. */
export async function benchSignIn(): Promise<BenchRow[]> {
  return [...(await benchRequests()), ...(await benchManySignIns())];
}

async function benchRequests(): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'whisper-bench-'));
  await chmod(folder, 0o711);
  const postgres = await EmbeddedPostgres.start(folder, () => undefined);
  const child = fork(fileURLToPath(new URL('./sign-in-process.js', import.meta.url)), [], {
    execArgv: ['--max-semi-space-size=16'],
    env: { ...process.env, WHISPER_TEST_POSTGRES: postgres.url('postgres') },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    const rows: BenchRow[] = [];
    for (const route of routesOf(await answer<Ready>(child))) rows.push(...(await measure(child, route)));
    return rows;
  } finally {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function routesOf({ facesPort, routerPort, cookie, key, token }: Ready): readonly Route[] {
  const chat = { host: `acme.localhost:${facesPort}`, cookie };
  const bearer = (secret: string) => ({ host: `127.0.0.1:${routerPort}`, authorization: `Bearer ${secret}` });
  return [
    { name: 'session cookie, GET /api/sessions', port: facesPort, path: '/api/sessions', headers: chat },
    { name: 'API key, GET /v1/models', port: routerPort, path: '/v1/models', headers: bearer(key) },
    {
      name: 'service token, GET /internal/models',
      port: routerPort,
      path: internalRoutes.models,
      headers: bearer(token),
    },
  ];
}

async function measure(child: ChildProcess, route: Route): Promise<readonly BenchRow[]> {
  const pool = new Pool(`http://127.0.0.1:${route.port}`, { connections: atOnce });
  const cpu = { checked: [] as number[], granted: [] as number[] };
  const trips = { checked: 0, granted: 0 };
  await ask(pool, route);
  // By turns, so that a busy moment of the machine hits both.
  for (let round = 0; round < rounds; round += 1)
    for (const how of ['granted', 'checked'] as const) {
      const before = await tell(child, how);
      await ask(pool, route);
      const after = await tell(child, 'cpu');
      cpu[how].push((after.cpuMicros - before.cpuMicros) / requestsPerRound);
      trips[how] += after.units - before.units;
    }
  await pool.close();
  const asked = rounds * requestsPerRound;
  return [
    benchRow({
      bench,
      measure: `${route.name}: CPU per request`,
      value: percentile(cpu.checked, 0.5),
      unit: 'µs',
      baseline: percentile(cpu.granted, 0.5),
      goal: '<= 1.15x',
    }),
    benchRow({
      bench,
      measure: `${route.name}: units of work per 1,000 requests more than without`,
      value: ((trips.checked - trips.granted) / asked) * 1_000,
      unit: '',
      baseline: null,
      goal: '< 1: one in 4 s',
    }),
  ];
}

async function ask(pool: Pool, { path, headers }: Route): Promise<void> {
  let left = requestsPerRound;
  const one = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { statusCode, body } = await pool.request({ path, method: 'GET', headers });
      await body.dump();
      if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

interface Usage {
  readonly cpuMicros: number;
  /** Units of work in the database so far. */
  readonly units: number;
}

function tell(child: ChildProcess, message: 'granted' | 'checked' | 'cpu'): Promise<Usage> {
  child.send(message);
  return answer<Usage>(child);
}

async function answer<Message>(child: ChildProcess): Promise<Message> {
  const [message] = (await once(child, 'message', { signal: AbortSignal.timeout(30_000) })) as [Message];
  return message;
}

/** How long a socket waits for its pong while many people type their passwords, beside a quiet moment. */
async function benchManySignIns(): Promise<readonly BenchRow[]> {
  const upstream = await startChild('./word-upstream.js', ['10', '10']);
  const folder = await mkdtemp(join(tmpdir(), 'whisper-bench-tenants-'));
  await writeFile(join(folder, 'acme.yaml'), wordTenant('acme', upstream.port));
  const platform = await startPlatformProcess(folder, undefined, { WHISPER_TRUSTED_PROXIES: '127.0.0.0/8' });
  try {
    const owner = await signIn(platform, 'acme');
    const socket = await owner.socket();
    await pings(socket, pause(2_000));
    const quiet = await pings(socket, pause(5_000));
    const startedMs = performance.now();
    const busy = await pings(
      socket,
      Promise.all(Array.from({ length: signIns }, (_one, at) => tryToSignIn(platform, at))),
    );
    const tookMs = performance.now() - startedMs;
    socket.close();
    const row = (measure: string, value: number, baseline: number | null, goal: string) =>
      benchRow({ bench, measure, value, unit: 'ms', baseline, goal });
    return [
      row(
        `ping of a socket during ${signIns} password sign-ins at once, p99`,
        percentile(busy, 0.99),
        percentile(quiet, 0.99),
        '<= 2x',
      ),
      row(`${signIns} password sign-ins at once`, tookMs, null, 'report'),
    ];
  } finally {
    await platform.stop();
    await upstream.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Each from an address and for an account of its own, or the limits would answer in place of the work. */
async function tryToSignIn(platform: PlatformProcess, at: number): Promise<void> {
  const host = `acme.localhost:${platform.port}`;
  const pool = new Pool(`http://127.0.0.1:${platform.port}`, { connections: 1 });
  const { statusCode, body } = await pool.request({
    path: '/api/sign-in/password',
    method: 'POST',
    headers: {
      host,
      origin: `http://${host}`,
      'x-whisper-request': '1',
      'content-type': 'application/json',
      'x-forwarded-for': `198.51.${Math.floor(at / 200)}.${(at % 200) + 1}`,
      'x-forwarded-host': host,
    },
    body: JSON.stringify({ email: `person-${at}@acme.example`, password: 'not the password' }),
  });
  await body.dump();
  if (statusCode !== 401) throw new Error(`a wrong password was answered with ${statusCode}`);
  await pool.close();
}

async function pings(socket: WebSocket, until: Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  let isOver = false;
  void until.finally(() => (isOver = true));
  while (!isOver) {
    const startedMs = performance.now();
    const pong = once(socket, 'pong');
    socket.ping();
    await pong;
    times.push(performance.now() - startedMs);
    await pause(10);
  }
  await until;
  return times;
}
