import { Pool } from 'undici';
import { pause } from '#libs/kernel/abort.js';
import { type BenchRow, benchRow, percentile } from './bench-row.js';
import { type BenchChild, startChild } from './child.js';

/** 12.9 kB of conversation, about 3,400 tokens: the workload all measurements of the router use. */
const history = Array.from({ length: 10 }, (_, index) => ({
  role: index % 2 === 0 ? 'user' : 'assistant',
  content: `Turn ${index}: ${'the quick brown fox jumps over the lazy dog and looks back once more. '.repeat(17)}`,
}));
const plainBody = JSON.stringify({ model: 'tiny', messages: history, max_tokens: 512 });
const streamBody = JSON.stringify({ model: 'tiny', messages: history, max_tokens: 512, stream: true });

const rounds = 5;
const requestsInRound = 2_400;
const warmUpRequests = 4_000;
const connections = 16;
/** 800 requests a second: well below what either can, on a shared machine too. */
const burst = 4;
const burstMs = 5;
const firstTokenSamples = 80;
const streams = 100;
const name = `router (Node ${process.versions.node}, --max-semi-space-size=16)`;

interface Target {
  readonly child: BenchChild;
  readonly pool: Pool;
}

/** Our router beside a bare proxy, in turns, against the same canned model server. */
export async function benchRouter(): Promise<BenchRow[]> {
  const upstream = await startChild('./mock-upstream.js');
  const bare = await open('./bare-proxy.js', upstream);
  const router = await open('./router-process.js', upstream);
  try {
    return [
      ...(await cpuRows(bare, router)),
      ...(await firstTokenRows(bare, router)),
      ...(await streamRows(bare, router)),
    ];
  } finally {
    await Promise.all([bare, router].map(close));
    await upstream.stop();
  }
}

async function open(file: string, upstream: BenchChild): Promise<Target> {
  const child = await startChild(file, [String(upstream.port)]);
  return { child, pool: new Pool(`http://127.0.0.1:${child.port}`, { connections: streams, pipelining: 1 }) };
}

async function close({ child, pool }: Target): Promise<void> {
  await pool.destroy();
  await child.stop();
}

/** One way to send many requests. */
type Load = (target: Target, requests: number) => Promise<void>;

/**
 * Processor time of one plain request, medians over rounds that take turns: at the same rate for both, and as
 * fast as each of them can. A faster server meets busier peers, which need fewer wake-ups, so that only the
 * first of the two compares like with like.
 */
async function cpuRows(bare: Target, router: Target): Promise<BenchRow[]> {
  for (const target of [bare, router]) await saturate(target, warmUpRequests);
  const rows = async (measure: string, load: Load, goal: string) => {
    const { ours, baseline } = await cpuInTurns(bare, router, load);
    return benchRow({ bench: name, measure, value: ours, unit: 'µs', baseline, goal });
  };
  return [
    await rows(`CPU per request, ${(1_000 / burstMs) * burst} a second`, pace, '<= 2.5x bare'),
    await rows('CPU per request, saturated', saturate, 'report'),
  ];
}

async function cpuInTurns(bare: Target, router: Target, load: Load): Promise<{ ours: number; baseline: number }> {
  const ours: number[] = [];
  const baseline: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    baseline.push(await cpuPerRequest(bare, load));
    ours.push(await cpuPerRequest(router, load));
  }
  return { ours: percentile(ours, 0.5), baseline: percentile(baseline, 0.5) };
}

async function cpuPerRequest(target: Target, load: Load): Promise<number> {
  const before = await target.child.cpuMicros();
  await load(target, requestsInRound);
  return ((await target.child.cpuMicros()) - before) / requestsInRound;
}

async function saturate(target: Target, requests: number): Promise<void> {
  let left = requests;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await postPlain(target);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
}

/** A small burst every few milliseconds, whatever became of the one before. */
async function pace(target: Target, requests: number): Promise<void> {
  const running: Promise<void>[] = [];
  while (running.length < requests) {
    for (let index = 0; index < burst; index += 1) running.push(postPlain(target));
    await pause(burstMs);
  }
  await Promise.all(running);
}

async function postPlain(target: Target): Promise<void> {
  const { statusCode, body } = await post(target, plainBody);
  await body.dump();
  if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
}

function post({ pool }: Target, body: string) {
  const headers = { authorization: 'Bearer bench', 'content-type': 'application/json' };
  return pool.request({ method: 'POST', path: '/v1/chat/completions', headers, body });
}

/** Time to the first token of a stream on an idle machine, in pairs. */
async function firstTokenRows(bare: Target, router: Target): Promise<BenchRow[]> {
  const samples: { bare: number; router: number }[] = [];
  for (let index = 0; index < firstTokenSamples; index += 1) {
    samples.push({ bare: await firstToken(bare), router: await firstToken(router) });
  }
  const share = (point: number, goal: string) =>
    benchRow({
      bench: name,
      measure: `first token, p${point * 100}`,
      value: percentile(
        samples.map((sample) => sample.router),
        point,
      ),
      unit: 'ms',
      baseline: percentile(
        samples.map((sample) => sample.bare),
        point,
      ),
      goal,
    });
  return [share(0.5, '<= 2x bare'), share(0.95, 'report')];
}

async function firstToken(target: Target): Promise<number> {
  const leaving = new AbortController();
  const startedAt = performance.now();
  const headers = { authorization: 'Bearer bench', 'content-type': 'application/json' };
  const request = { method: 'POST', path: '/v1/chat/completions', headers, body: streamBody } as const;
  const { body } = await target.pool.request({ ...request, signal: leaving.signal });
  await new Promise((resolve) => body.once('data', resolve));
  const took = performance.now() - startedAt;
  body.on('error', () => undefined);
  leaving.abort();
  return took;
}

/** A hundred streams at once, 100 words each, 15 ms apart. */
async function streamRows(bare: Target, router: Target): Promise<BenchRow[]> {
  const bareRun = await manyStreams(bare);
  const routerRun = await manyStreams(router);
  const row = (measure: string, pick: (run: StreamsRun) => number, unit: string, goal: string) =>
    benchRow({ bench: name, measure, value: pick(routerRun), unit, baseline: pick(bareRun), goal });
  return [
    row('100 streams at once: first byte p95', (run) => percentile(run.firstBytes, 0.95), 'ms', '<= 300 ms'),
    row('100 streams at once: whole answer p95', (run) => percentile(run.totals, 0.95), 'ms', 'report'),
    row('100 streams at once: CPU per stream', (run) => run.cpuMicros / streams, 'µs', '<= 1.5x bare'),
  ];
}

interface StreamsRun {
  readonly firstBytes: number[];
  readonly totals: number[];
  readonly cpuMicros: number;
}

async function manyStreams(target: Target): Promise<StreamsRun> {
  const firstBytes: number[] = [];
  const totals: number[] = [];
  const before = await target.child.cpuMicros();
  await Promise.all(
    Array.from({ length: streams }, async () => {
      const startedAt = performance.now();
      const { body } = await post(target, streamBody);
      let isFirst = true;
      for await (const _chunk of body) {
        if (isFirst) firstBytes.push(performance.now() - startedAt);
        isFirst = false;
      }
      totals.push(performance.now() - startedAt);
    }),
  );
  return { firstBytes, totals, cpuMicros: (await target.child.cpuMicros()) - before };
}
