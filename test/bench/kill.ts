import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause } from '#libs/kernel/abort.js';
import { type BenchRow, benchRow, percentile } from './bench-row.js';
import { startChild } from './child.js';
import { type PlatformProcess, startPlatformProcess } from './platform-process.js';
import { type SignedIn, signIn } from './signed-in.js';
import { wordTenant } from './word-tenant.js';

const bench = 'kill -9 in mid-answer';
const rounds = 5;
/** A word each 10 ms: lost words times this is lost time. */
const wordMs = 10;

/** How much of what a reader had seen of an answer is gone after a kill of the server and a new start. */
export async function benchKill(): Promise<BenchRow[]> {
  const upstream = await startChild('./word-upstream.js', ['2000', String(wordMs)]);
  const [data, tenants] = await Promise.all(
    ['whisper-bench-', 'whisper-bench-tenants-'].map((name) => mkdtemp(join(tmpdir(), name))),
  );
  if (data === undefined || tenants === undefined) throw new Error('no folder');
  await chmod(data, 0o711);
  await writeFile(join(tenants, 'acme.yaml'), wordTenant('acme', upstream.port));
  let platform = await startPlatformProcess(tenants, data);
  const lostMs: number[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      const { seen, conversationId } = await answerUntilKilled(platform, 700 + 137 * round);
      platform = await startPlatformProcess(tenants, data);
      const kept = await wordsKept(await signIn(platform, 'acme'), conversationId);
      lostMs.push(Math.max(0, seen - kept) * wordMs);
    }
  } finally {
    await platform.stop();
    await upstream.stop();
    for (const folder of [data, tenants]) await rm(folder, { recursive: true, force: true });
  }
  const row = (measure: string, value: number, goal: string) =>
    benchRow({ bench, measure, value, unit: 'ms', baseline: null, goal });
  return [
    row(`text lost that was on screen, p50 of ${rounds}`, percentile(lostMs, 0.5), '<= 200'),
    row('text lost that was on screen, most', Math.max(...lostMs), '<= 200'),
  ];
}

async function answerUntilKilled(platform: PlatformProcess, afterMs: number) {
  const owner = await signIn(platform, 'acme');
  const socket = await owner.socket();
  socket.on('error', () => undefined);
  let seen = 0;
  socket.on('message', (frame: Buffer) => (seen += wordsIn(frame.toString('utf8'))));
  const receipt = (await owner.post('/api/turns', {
    clientId: randomUUID(),
    intent: { kind: 'say', conversationId: null, parentId: null, text: 'Go' },
  })) as { generationId: string; conversation: { id: string } };
  socket.send(JSON.stringify({ event: 'sub', data: { topic: `generation:${receipt.generationId}`, after: 0 } }));
  await pause(afterMs);
  const gone = once(platform.child, 'exit');
  platform.child.kill('SIGKILL');
  await gone;
  return { seen, conversationId: receipt.conversation.id };
}

async function wordsKept(owner: SignedIn, conversationId: string): Promise<number> {
  const text = JSON.stringify(await owner.get(`/api/conversations/${conversationId}`));
  if (!text.includes('interrupted')) throw new Error(`the answer is not there: ${text.slice(0, 300)}`);
  return wordsIn(text);
}

function wordsIn(text: string): number {
  return text.match(/word /g)?.length ?? 0;
}
