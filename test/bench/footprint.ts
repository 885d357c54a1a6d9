import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { pause } from '#libs/kernel/abort.js';
import { installRoot } from '#libs/platform/install-root.js';
import { type BenchRow, benchRow, percentile } from './bench-row.js';
import { startChild } from './child.js';
import { memoryMegabytes, type PlatformProcess, startPlatformProcess } from './platform-process.js';
import { wordTenant } from './word-tenant.js';

const bench = `one machine (Node ${process.versions.node})`;
const streams = 100;

/** Time to the first page, memory at rest, and a hundred API streams at once, of the whole platform. */
export async function benchFootprint(): Promise<BenchRow[]> {
  const data = await mkdtemp(join(tmpdir(), 'whisper-bench-'));
  await chmod(data, 0o711);
  const upstream = await startChild('./word-upstream.js', ['100', '15']);
  const tenants = await mkdtemp(join(tmpdir(), 'whisper-bench-tenants-'));
  await cp(join(installRoot(), 'examples', 'tenants'), tenants, { recursive: true });
  await writeFile(join(tenants, 'bench.yaml'), wordTenant('bench', upstream.port));
  try {
    const first = await startPlatformProcess(tenants, data);
    const firstMs = first.firstPageMs;
    await first.stop();
    const second = await startPlatformProcess(tenants, data);
    try {
      await pause(5_000);
      const memory = await memoryMegabytes(second.child.pid ?? 0);
      return [
        row('first start to first page', firstMs / 1_000, 's', '< 5'),
        row('later start to first page', second.firstPageMs / 1_000, 's', '< 3'),
        row('memory at rest, PostgreSQL included', memory, 'MB', '< 350'),
        ...(await streamRows(second)),
      ];
    } finally {
      await second.stop();
    }
  } finally {
    await upstream.stop();
    for (const folder of [data, tenants]) await rm(folder, { recursive: true, force: true });
  }
}

function row(measure: string, value: number, unit: string, goal: string): BenchRow {
  return benchRow({ bench, measure, value, unit, baseline: null, goal });
}

/** A hundred words, 15 ms apart, through keys, limits, router and metering, a hundred at once. */
async function streamRows(platform: PlatformProcess): Promise<BenchRow[]> {
  const key = await platform.whisper('key', 'create', '--tenant', 'bench', '--name', 'bench');
  const once = async () => {
    const startedMs = performance.now();
    const reply = await request(`http://127.0.0.1:${platform.port}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'words', stream: true, messages: [{ role: 'user', content: 'Hello' }] }),
    });
    let firstMs = Number.NaN;
    for await (const bytes of reply.body)
      if (Number.isNaN(firstMs) && (bytes as Uint8Array).length > 0) firstMs = performance.now() - startedMs;
    return { status: reply.statusCode, firstMs, doneMs: performance.now() - startedMs };
  };
  const alone = await once();
  const all = await Promise.all(Array.from({ length: streams }, once));
  const refused = all.filter(({ status }) => status !== 200).length;
  return [
    benchRow({
      bench,
      measure: `${streams} API streams: first byte p95`,
      value: percentile(
        all.map(({ firstMs }) => firstMs),
        0.95,
      ),
      unit: 'ms',
      baseline: alone.firstMs,
      goal: '< 300 ms',
    }),
    benchRow({
      bench,
      measure: `${streams} API streams: done p95`,
      value: percentile(
        all.map(({ doneMs }) => doneMs),
        0.95,
      ),
      unit: 'ms',
      baseline: alone.doneMs,
      goal: '< 1800 ms',
    }),
    row(`${streams} API streams: refused`, refused, '', '0'),
  ];
}
