import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WebSocket } from 'ws';
import { WebSocket as Client } from 'ws';
import { pause } from '#libs/kernel/abort.js';
import { type BenchRow, benchRow } from './bench-row.js';
import { startChild } from './child.js';
import { startPlatformProcess, processUsage } from './platform-process.js';
import { signIn } from './signed-in.js';
import { wordTenant } from './word-tenant.js';

const bench = `chat sockets (Node ${process.versions.node})`;
const idleSockets = 1_000;
const readers = 400;
const streamMs = 8_000;

/** The chat's sockets beside a bare `ws` server that sends the same frames to as many readers. */
export async function benchSockets(): Promise<BenchRow[]> {
  const upstream = await startChild('./word-upstream.js', ['6000', '10']);
  const folder = await mkdtemp(join(tmpdir(), 'whisper-bench-tenants-'));
  await writeFile(join(folder, 'acme.yaml'), wordTenant('acme', upstream.port));
  const platform = await startPlatformProcess(folder);
  const bare = await startChild('./bare-sockets.js');
  try {
    const pid = platform.child.pid ?? 0;
    const owner = await signIn(platform, 'acme');
    const ours = await measure(
      pid,
      () => owner.socket(),
      async (sockets) => {
        const receipt = (await owner.post('/api/turns', {
          clientId: randomUUID(),
          intent: { kind: 'say', conversationId: null, parentId: null, text: 'Go' },
        })) as { generationId: string };
        for (const socket of sockets)
          socket.send(
            JSON.stringify({ event: 'sub', data: { topic: `generation:${receipt.generationId}`, after: 0 } }),
          );
      },
    );
    const baseline = await measure(
      bare.pid,
      () => open(`ws://127.0.0.1:${bare.port}/`),
      (sockets) => {
        for (const socket of sockets) socket.send('go');
        return Promise.resolve();
      },
    );
    return [
      benchRow({
        bench,
        measure: `memory per idle connection, ${idleSockets}`,
        value: ours.bytesPerSocket / 1024,
        unit: 'KB',
        baseline: baseline.bytesPerSocket / 1024,
        goal: '<= 2x',
      }),
      benchRow({
        bench,
        measure: `processor time per frame, ${readers} readers`,
        value: ours.microsPerFrame,
        unit: 'us',
        baseline: baseline.microsPerFrame,
        goal: '<= 2x',
      }),
      benchRow({
        bench,
        measure: 'frames a second that were delivered',
        value: ours.framesPerSecond,
        unit: '/s',
        baseline: baseline.framesPerSecond,
        goal: 'report',
      }),
    ];
  } finally {
    await Promise.all([platform.stop(), bare.stop()]);
    await upstream.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function open(url: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new Client(url, { perMessageDeflate: false });
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

async function openMany(count: number, connect: () => Promise<WebSocket>): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  while (sockets.length < count)
    sockets.push(...(await Promise.all(Array.from({ length: Math.min(50, count - sockets.length) }, connect))));
  return sockets;
}

async function closeAll(sockets: readonly WebSocket[]): Promise<void> {
  for (const socket of sockets) socket.terminate();
  await pause(500);
}

async function measure(
  pid: number,
  connect: () => Promise<WebSocket>,
  begin: (sockets: readonly WebSocket[]) => Promise<void>,
) {
  await closeAll(await openMany(100, connect));
  const before = await processUsage(pid);
  const idle = await openMany(idleSockets, connect);
  await pause(1_000);
  const after = await processUsage(pid);
  await closeAll(idle);
  const sockets = await openMany(readers, connect);
  let frames = 0;
  for (const socket of sockets) socket.on('message', () => (frames += 1));
  await begin(sockets);
  await pause(1_000);
  frames = 0;
  const start = await processUsage(pid);
  const startedMs = performance.now();
  await pause(streamMs);
  const tookMs = performance.now() - startedMs;
  const end = await processUsage(pid);
  const counted = frames;
  await closeAll(sockets);
  return {
    bytesPerSocket: ((after.residentKilobytes - before.residentKilobytes) * 1024) / idleSockets,
    microsPerFrame: ((end.cpuMs - start.cpuMs) * 1_000) / counted,
    framesPerSecond: (counted / tookMs) * 1_000,
  };
}
