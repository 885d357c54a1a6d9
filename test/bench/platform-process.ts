import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { request } from 'undici';
import { pause } from '#libs/kernel/abort.js';
import { installRoot } from '#libs/platform/install-root.js';
import { freePort } from '#test/support/free-port.js';

const run = promisify(execFile);

/** The whole platform in a process of its own, as `npm start` starts it. */
export interface PlatformProcess {
  readonly child: ChildProcess;
  readonly port: number;
  readonly data: string;
  /** From the start of the process to the first page. */
  readonly firstPageMs: number;
  /** What a `whisper` command prints. */
  whisper(...words: string[]): Promise<string>;
  stop(): Promise<void>;
}

/** @param tenants folder of manifests */
export async function startPlatformProcess(
  tenants: string,
  data?: string,
  env: Readonly<Record<string, string>> = {},
): Promise<PlatformProcess> {
  const root = installRoot();
  const folder = data ?? (await mkdtemp(join(tmpdir(), 'whisper-bench-')));
  await chmod(folder, 0o711);
  const port = await freePort();
  const startedMs = performance.now();
  const child = spawn(
    process.execPath,
    [
      '--max-semi-space-size=16',
      join(root, 'dist/apps/standalone/main.js'),
      '--data',
      folder,
      '--port',
      String(port),
      '--tenants',
      tenants,
    ],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, WHISPER_PROBE_MODELS: 'false', WHISPER_LOG_LEVEL: 'error', ...env },
    },
  );
  const firstPageMs = await firstPage(port, startedMs);
  return {
    child,
    port,
    data: folder,
    firstPageMs,
    whisper: async (...words) =>
      (
        await run(process.execPath, [join(root, 'apps/cli/whisper.mjs'), '--data', folder, ...words], {
          timeout: 30_000,
        })
      ).stdout.trim(),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit');
        child.kill('SIGTERM');
        await gone;
      }
      if (data === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function firstPage(port: number, startedMs: number): Promise<number> {
  for (let waited = 0; waited < 60_000; waited += 20) {
    const status = await request(`http://127.0.0.1:${port}/`, {
      headers: { host: `acme.localhost:${port}`, accept: 'text/html' },
    }).then(
      async (reply) => {
        await reply.body.dump();
        return reply.statusCode;
      },
      () => 0,
    );
    if (status === 200) return performance.now() - startedMs;
    await pause(20);
  }
  throw new Error('the platform did not start');
}

/** Memory of a process and its children in MB: what is theirs alone, and their share of what they share. */
export async function memoryMegabytes(pid: number): Promise<number> {
  const pids = [pid, ...(await childrenOf(pid))];
  let kilobytes = 0;
  for (const one of pids) {
    const text = await readFile(`/proc/${one}/smaps_rollup`, 'utf8').catch(() => '');
    kilobytes += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
  }
  return kilobytes / 1024;
}

async function childrenOf(pid: number): Promise<number[]> {
  const parents = new Map<number, number[]>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
    parents.set(parent, [...(parents.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  for (const queue = [pid]; queue.length > 0;) {
    const next = parents.get(queue.shift() ?? 0) ?? [];
    found.push(...next);
    queue.push(...next);
  }
  return found;
}

/** Resident memory and processor time of one process. */
export async function processUsage(pid: number): Promise<{ residentKilobytes: number; cpuMs: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // Linux counts processor time in hundredths of a second.
  return {
    residentKilobytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0),
    cpuMs: (Number(fields[11]) + Number(fields[12])) * 10,
  };
}
