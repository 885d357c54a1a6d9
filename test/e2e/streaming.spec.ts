import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { closeCodes, type SendReceipt } from '#libs/contracts/chat-events.js';
import { FakeModelServer } from '#test/fakes/fake-model-server.js';
import type { Browser } from '#test/support/browser.js';
import { redisServer } from '#test/support/component-list.js';
import { describeWith } from '#test/support/components.js';
import { AnswerReader, LiveSocket } from '#test/support/live-socket.js';
import { newFolder, type Platform, startPlatform, twoTenants } from '#test/support/platform.js';
import { startRedis } from '#test/support/redis-server.js';
import { freshDatabaseUrl } from '#test/support/test-database.js';
import { until } from '#test/support/until.js';

const words = (count: number) => Array.from({ length: count }, (_, index) => `w${index} `);
const whole = (count: number) => words(count).join('');

interface Shown {
  readonly text: string;
  readonly answer: { readonly status: string; readonly notices: readonly unknown[] } | null;
}

/** The messages of a conversation as a page that was just loaded shows them. */
async function shown(browser: Browser, conversation: string): Promise<Shown[]> {
  return (await browser.get(`/api/conversations/${conversation}`)).json['messages'] as Shown[];
}

const sockets: LiveSocket[] = [];
async function tab(browser: Browser): Promise<LiveSocket> {
  const socket = await LiveSocket.open(browser);
  sockets.push(socket);
  return socket;
}
afterEach(() => sockets.splice(0).forEach((socket) => socket.drop()));

describe('an answer over real sockets', () => {
  let models: FakeModelServer;
  let platform: Platform;
  let ann: Browser;

  beforeAll(async () => {
    models = await FakeModelServer.start();
    platform = await startPlatform({ tenants: await twoTenants(models.url) });
    ann = await platform.signIn('acme');
  });
  afterAll(async () => {
    await platform.close();
    await models.close();
  });
  beforeEach(() => models.reset());

  it('is the same in two tabs and on a device that comes late, each word once', async () => {
    models.script('tiny', { words: words(60), wordMs: 10 });
    const [first, second] = [await tab(ann), await tab(ann)];
    const { generationId } = await first.say('Both of you');
    const readers = [new AnswerReader(generationId).follow(first), new AnswerReader(generationId).follow(second)];
    await until(() => readers[0]!.state.text.length > 40);
    readers.push(new AnswerReader(generationId).follow(await tab(await platform.signIn('acme'))));
    for (const reader of readers) await reader.ended();

    const after = new AnswerReader(generationId).follow(await tab(ann));
    await after.ended();

    for (const reader of [...readers, after])
      expect({ ...reader.state, fault: reader.fault }).toMatchObject({
        text: whole(60),
        status: 'complete',
        fault: null,
      });
  });

  it('is whole after a reload in its middle', async () => {
    models.script('tiny', { words: words(60), wordMs: 10 });
    const before = await tab(ann);
    const { generationId, conversation } = await before.say('Reload me');
    const reader = new AnswerReader(generationId).follow(before);
    await until(() => reader.state.text.length > 40);
    before.drop();

    const detail = await shown(ann, conversation.id);
    const reloaded = new AnswerReader(generationId).follow(await tab(ann));
    await reloaded.ended();

    expect(detail.at(-1)?.answer?.status).toBe('running');
    expect(reloaded.state).toMatchObject({ text: whole(60), status: 'complete' });
    expect(reloaded.fault).toBeNull();
  });

  it('goes on where a dropped socket was, and was written all the while', async () => {
    models.script('tiny', { words: words(60), wordMs: 10 });
    const before = await tab(ann);
    const { generationId } = await before.say('Drop me');
    const reader = new AnswerReader(generationId).follow(before);
    await until(() => reader.state.text.length > 40);
    before.drop();
    await until(() => models.lastCall.finishedAt !== null);
    const had = reader.state.text;

    reader.follow(await tab(ann));
    await reader.ended();

    expect(had.length).toBeLessThan(whole(60).length);
    expect(reader.state.text).toBe(whole(60));
    expect(reader.fault).toBeNull();
    expect(models.lastCall.abortedAt).toBeNull();
  });

  it('stops at the model server when the person says so', async () => {
    models.script('tiny', { words: words(5_000), wordMs: 10 });
    const socket = await tab(ann);
    const { generationId, conversation } = await socket.say('Stop me');
    const reader = new AnswerReader(generationId).follow(socket);
    await until(() => reader.state.text.length > 20);

    const askedAt = performance.now();
    socket.send('stop', { generationId });
    await reader.ended();

    await until(() => models.lastCall.abortedAt !== null);
    expect(models.lastCall.abortedAt! - askedAt).toBeLessThan(1_000);
    expect(reader.state.status).toBe('stopped');
    expect((await shown(ann, conversation.id)).at(-1)).toMatchObject({
      text: reader.state.text,
      answer: { status: 'stopped' },
    });
  });

  it('is made once, however often its message is sent again over new sockets', async () => {
    models.script('tiny', { words: words(20), wordMs: 5 });
    const clientId = randomUUID();
    const receipts: SendReceipt[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const socket = await tab(ann);
      receipts.push(await socket.say('Once only', clientId));
      socket.drop();
    }

    expect(new Set(receipts.map(({ answer }) => answer.id)).size).toBe(1);
    await until(async () => (await shown(ann, receipts[0]!.conversation.id)).at(-1)?.answer?.status === 'complete');
    expect(models.calls).toHaveLength(1);
  });

  /** Reads SSE frames until `enough`. */
  const events = (path: string, lastEventId: string | null, enough: (text: string) => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const { host, port } = new URL(ann.origin);
      const headers = {
        host,
        cookie: `__Host-whisper=${ann.cookie('__Host-whisper')}`,
        ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }),
      };
      const outgoing = request({ host: '127.0.0.1', port, path, headers }, (incoming) => {
        let text = '';
        incoming.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (enough(text)) outgoing.destroy();
        });
        incoming.on('close', () => resolve(text));
        incoming.on('error', () => resolve(text));
      });
      outgoing.on('error', reject);
      outgoing.end();
    });

  it('comes as SSE to who has no socket, and goes on after Last-Event-ID', async () => {
    models.script('tiny', { words: words(40), wordMs: 10 });
    const intent = { kind: 'say', conversationId: null, parentId: null, text: 'No socket' };
    const { json } = await ann.call('POST', '/api/turns', { clientId: randomUUID(), intent });
    const path = `/api/generations/${String(json['generationId'])}/events`;
    const textOf = (stream: string) =>
      [...stream.matchAll(/^data: (.*)$/gm)]
        .map(([, data]) => JSON.parse(data!) as { state?: { text: string }; events?: { text?: string }[] })
        .map(({ state, events: told = [] }) => (state?.text ?? '') + told.map(({ text = '' }) => text).join(''))
        .join('');
    const wholeEvents = (stream: string) => stream.slice(0, stream.lastIndexOf('\n\n') + 2);

    const begun = wholeEvents(await events(path, null, (text) => textOf(wholeEvents(text)).length > 60));
    const lastId = [...begun.matchAll(/^id: (.*)$/gm)].at(-1)![1]!;
    const rest = await events(path, lastId, () => false);

    expect(textOf(begun).length).toBeLessThan(whole(40).length);
    expect(textOf(begun) + textOf(rest)).toBe(whole(40));
    expect(rest).toContain('"kind":"turn-end"');
  });

  it('keeps what was seen a second before the process was killed, and goes on', async () => {
    models.script('tiny', { words: words(5_000), wordMs: 10 });
    const socket = await tab(ann);
    const { generationId, conversation, answer } = await socket.say('Kill me');
    const reader = new AnswerReader(generationId).follow(socket);
    await until(() => reader.state.text.length > 200);
    const seen = reader.state.text;
    const seenMs = performance.now();
    await until(() => performance.now() - seenMs > 1_000);

    await platform.kill();
    await platform.restart();

    const kept = (await shown(ann, conversation.id)).at(-1)!;
    expect(kept.answer?.status).toBe('interrupted');
    expect(kept.text.startsWith(seen)).toBe(true);
    expect(whole(5_000).startsWith(kept.text)).toBe(true);
    models.script('tiny', { words: ['and', ' the', ' rest'] });
    const again = await tab(ann);
    const going = await again.intend({ kind: 'continue', messageId: answer.id });
    const goingReader = new AnswerReader(going.generationId).follow(again);
    await goingReader.ended();
    expect(goingReader.state.text).toBe(`${kept.text}and the rest`);
    const anew = await again.intend({ kind: 'regenerate', messageId: answer.id });
    const anewReader = new AnswerReader(anew.generationId).follow(again);
    await anewReader.ended();
    expect(anewReader.state).toMatchObject({ text: 'and the rest', status: 'complete' });
  });

  it('is interrupted by an ordinary stop, with every word that was shown', async () => {
    models.script('tiny', { words: words(5_000), wordMs: 10 });
    const socket = await tab(ann);
    const { generationId, conversation } = await socket.say('Restart me');
    const reader = new AnswerReader(generationId).follow(socket);
    await until(() => reader.state.text.length > 100);

    const code = await platform.stop();
    await platform.restart();

    expect(code).toBe(0);
    expect(socket.closeCode).toBe(closeCodes.draining);
    expect(socket.all('drain')).toHaveLength(1);
    const kept = (await shown(ann, conversation.id)).at(-1)!;
    expect(kept.answer?.status).toBe('interrupted');
    expect(kept.text.startsWith(reader.state.text)).toBe(true);
  });
});

describeWith(redisServer, 'two processes on one database and one Redis', (program) => {
  let models: FakeModelServer;
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let secrets: string;
  let one: Platform;
  let two: Platform;
  let ann: Browser;
  let annAtTwo: Browser;

  beforeAll(async () => {
    models = await FakeModelServer.start();
    redis = await startRedis(program);
    const env = { DATABASE_URL: await freshDatabaseUrl(), REDIS_URL: redis.url };
    secrets = await newFolder();
    const tenants = await twoTenants(models.url);
    one = await startPlatform({ tenants, env: { ...env, WHISPER_SECRETS: secrets } });
    two = await startPlatform({ tenants, env: { ...env, WHISPER_SECRETS: secrets } });
    ann = await one.signIn('acme');
    annAtTwo = two.chat('acme');
    annAtTwo.setCookie('__Host-whisper', ann.cookie('__Host-whisper')!);
  });
  afterAll(async () => {
    await one.close();
    await two.close();
    await redis.stop();
    await models.close();
    await rm(secrets, { recursive: true, force: true });
  });

  it('show one conversation live in both', async () => {
    models.script('tiny', { words: words(60), wordMs: 10 });
    const [here, there] = [await tab(ann), await tab(annAtTwo)];
    const { generationId, conversation } = await here.say('Across');
    there.send('sub', { topic: `conversation:${conversation.id}`, after: 0 });
    const reader = new AnswerReader(generationId).follow(there);
    await until(() => reader.state.text.length > 40);
    const wasRunning = models.lastCall.finishedAt === null;

    await reader.ended();

    expect(wasRunning).toBe(true);
    expect(reader.state.text).toBe(whole(60));
    expect(reader.fault).toBeNull();
  });

  it('stop an answer of the one from the other', async () => {
    models.script('tiny', { words: words(5_000), wordMs: 10 });
    const [here, there] = [await tab(ann), await tab(annAtTwo)];
    const { generationId } = await here.say('Stop across');
    const reader = new AnswerReader(generationId).follow(here);
    await until(() => reader.state.text.length > 20);

    const askedAt = performance.now();
    there.send('stop', { generationId });
    await reader.ended();

    await until(() => models.lastCall.abortedAt !== null);
    expect(models.lastCall.abortedAt! - askedAt).toBeLessThan(5_000);
    expect(reader.state.status).toBe('stopped');
  });

  it('end the sockets of a session that was ended at the other', async () => {
    const other = await two.signIn('acme');
    const socket = await tab(other);
    const { json } = await other.get('/api/me');

    const askedAt = performance.now();
    expect((await ann.call('DELETE', `/api/sessions/${String(json['sessionId'])}`)).status).toBe(204);
    await until(() => socket.closeCode !== null);

    expect(socket.closeCode).toBe(closeCodes.unauthenticated);
    expect(performance.now() - askedAt).toBeLessThan(5_000);
    expect((await other.get('/api/me')).status).toBe(401);
  });

  it('take over from the one that was killed: its answer is interrupted within its lease', async () => {
    models.script('tiny', { words: words(5_000), wordMs: 10 });
    const there = await tab(annAtTwo);
    const { generationId } = await (await tab(ann)).say('Killed across');
    const reader = new AnswerReader(generationId).follow(there);
    await until(() => reader.state.text.length > 400);

    await one.kill();

    // Ten seconds of lease, and the job that looks every ten.
    await reader.ended(40_000);
    expect(reader.state).toMatchObject({ status: 'interrupted', error: { code: 'interrupted' } });
    expect(reader.state.text.length).toBeGreaterThan(200);
    expect(whole(5_000).startsWith(reader.state.text)).toBe(true);
  });
});
