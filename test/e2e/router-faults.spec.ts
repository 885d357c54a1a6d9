import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { AppError } from '#libs/kernel/errors.js';
import type { UsageEvent } from '#libs/inference/domain/usage.js';
import type { ModelProfile, Tenant } from '#libs/tenancy/domain/tenant.js';
import { FakeModelServer, type RecordedRequest } from '#test/fakes/fake-model-server.js';
import { memoryTenant } from '#test/fakes/memory-tenants.js';
import { backendAt, startRouter, type TestRouter } from '#test/support/router-app.js';
import { until } from '#test/support/until.js';

const messages = [{ role: 'user', content: 'Hi there' }];
const hundredWords = Array.from({ length: 100 }, (_, index) => ` word${index}`);
/** Far above what a healthy answer takes on a busy machine: only a fault of the script may reach them. */
const deadlines = { connectMs: 1_500, firstTokenMs: 1_500, idleMs: 1_000, totalMs: 30_000 };
/** Ceiling for what should take milliseconds: ten times the goal of 100 ms. */
const promptlyMs = 1_000;

describe('the router, when things go wrong', () => {
  let fake: FakeModelServer;
  let other: FakeModelServer;
  let router: TestRouter;
  let acme: Tenant;
  let slugs = 0;

  beforeAll(async () => {
    fake = await FakeModelServer.start({ models: ['tiny'] });
    other = await FakeModelServer.start({ models: ['spare'] });
    router = await startRouter({ deadlines });
    await router.setBackends([
      backendAt('local', fake.url),
      backendAt('reserve', other.url),
      backendAt('dead', 'http://127.0.0.1:9/v1', { models: [modelOf('ghost')] }),
      backendAt('priced', fake.url, {
        models: [{ ...modelOf('dear'), price: { inputPerMillion: 2_000_000, outputPerMillion: 10_000_000 } }],
      }),
    ]);
  });
  afterAll(async () => {
    await router.close();
    await fake.close();
    await other.close();
  });
  beforeEach(() => {
    fake.reset();
    other.reset();
    acme = tenantWith({});
  });

  /** A tenant of its own for each test, so that no limit of one meets another. */
  function tenantWith(models: Partial<ModelProfile>): Tenant {
    slugs += 1;
    const backends = ['local', 'reserve', 'dead', 'priced'].map((name) => ({ name }));
    return router.addTenant(memoryTenant(`t${slugs}`, { backends, ...models }));
  }

  const call = (tenant: Tenant, body: object, signal?: AbortSignal) =>
    fetch(`${router.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'tiny', messages, ...body }),
      headers: { authorization: `Bearer ${tenant.slug}`, 'content-type': 'application/json' },
      signal: signal ?? null,
    });
  const eventOf = (tenant: Tenant): Promise<UsageEvent> => until(() => router.usage.eventsOf(tenant.id)[0]);
  const errorOf = async (reply: Response) => ({ status: reply.status, body: await reply.json() });

  /** Reads until `words` words have come, then hangs up. */
  async function hangUpAfter(words: number, body: object): Promise<{ request: RecordedRequest; leftAt: number }> {
    const leaving = new AbortController();
    const reply = await call(acme, { stream: true, ...body }, leaving.signal);
    const reader = reply.body?.getReader();
    let text = '';
    while (text.split('data:').length <= words) {
      const { value } = (await reader?.read()) ?? {};
      text += Buffer.from(value ?? []).toString();
    }
    leaving.abort();
    return { request: fake.lastCall, leftAt: performance.now() };
  }

  describe('a client that leaves', () => {
    it('ends the work of the backend, and what was delivered is metered', async () => {
      fake.script('tiny', { words: hundredWords, wordMs: 15 });

      const { request, leftAt } = await hangUpAfter(10, {});

      const abortedAt = await until(() => request.abortedAt);
      expect(abortedAt - leftAt).toBeLessThan(promptlyMs);
      const event = await eventOf(acme);
      expect(event).toMatchObject({ status: 'aborted', estimated: true, backend: 'local', model: 'tiny' });
      expect(event.promptTokens).toBeGreaterThan(0);
      expect(Math.abs(event.completionTokens - request.wordsSent)).toBeLessThanOrEqual(3);
    });

    it('ends a call that has not begun to answer', async () => {
      fake.script('tiny', { firstTokenMs: 350 });
      const leaving = new AbortController();
      const pending = call(acme, { stream: true }, leaving.signal).catch((error: unknown) => error);
      const request = await until(() => fake.calls[0]);

      leaving.abort();
      await pending;

      await until(() => request.abortedAt);
      expect(await eventOf(acme)).toMatchObject({ status: 'aborted', completionTokens: 0, estimated: true });
    });

    it('does not start a second attempt for it', async () => {
      fake.script('tiny', { firstTokenMs: 50, status: 503 });
      const leaving = new AbortController();
      const pending = call(acme, {}, leaving.signal).catch((error: unknown) => error);
      await until(() => fake.calls[0]);
      leaving.abort();
      await pending;

      expect(await eventOf(acme)).toMatchObject({ status: 'aborted', attempts: 1 });
      expect(fake.calls).toHaveLength(1);
    });
  });

  describe('a backend that fails', () => {
    it.each([429, 500, 502, 503])('is asked once more after HTTP %i', async (status) => {
      fake.script('tiny', { status, failFirst: 1 });
      const reply = await call(acme, {});

      expect(reply.status).toBe(200);
      expect(await eventOf(acme)).toMatchObject({ status: 'ok', attempts: 2 });
    });

    it('is not asked a third time', async () => {
      fake.script('tiny', { status: 500 });

      const { status, body } = await errorOf(await call(acme, {}));

      expect(status).toBe(502);
      expect(body).toMatchObject({ error: { code: 'backend_unavailable', type: 'server_error' } });
      expect(fake.calls).toHaveLength(2);
      expect(await eventOf(acme)).toMatchObject({ status: 'error', errorCode: 'backend_unavailable', promptTokens: 0 });
    });

    it('is not asked again when it names a later time, which the client is told', async () => {
      fake.script('tiny', { status: 429, headers: { 'retry-after': '7' } });
      const reply = await call(acme, {});

      expect(reply.status).toBe(429);
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThanOrEqual(6);
      expect(fake.calls).toHaveLength(1);
    });

    it('gives way to a fallback model, and the reply says so', async () => {
      acme = tenantWith({ fallback: ['nowhere', 'ghost', 'spare'] });
      fake.script('tiny', { status: 500 });
      const reply = await call(acme, { stream: true });

      expect(reply.status).toBe(200);
      expect(reply.headers.get('x-whisper-model')).toBe('spare');
      expect(await reply.text()).toContain('scripted');
      expect(other.lastCall.json['model']).toBe('spare');
      expect(await eventOf(acme)).toMatchObject({ model: 'spare', backend: 'reserve', attempts: 4, status: 'ok' });
    });

    it('gives way when it reports an error inside a stream that had not begun', async () => {
      acme = tenantWith({ fallback: ['spare'] });
      fake.script('tiny', { errorEvent: true });

      const text = await (await call(acme, { stream: true })).text();

      expect(text).not.toContain('scripted error');
      expect(await eventOf(acme)).toMatchObject({ model: 'spare', status: 'ok' });
    });

    it('does not give way to a model that is not allowed', async () => {
      acme = tenantWith({ fallback: ['spare'], allow: ['tiny'] });
      fake.script('tiny', { status: 500 });

      expect((await call(acme, {})).status).toBe(502);
      expect(other.calls).toHaveLength(0);
    });

    it('never runs a fallback for embeddings, whose vectors mean something else', async () => {
      acme = tenantWith({ fallback: ['spare'] });
      fake.script('tiny', { status: 500 });
      const reply = await fetch(`${router.url}/v1/embeddings`, {
        method: 'POST',
        body: JSON.stringify({ model: 'tiny', input: 'x' }),
        headers: { authorization: `Bearer ${acme.slug}`, 'content-type': 'application/json' },
      });

      expect(reply.status).toBe(502);
      expect(other.calls).toHaveLength(0);
    });

    it('is named when nobody listens there', async () => {
      const { status, body } = await errorOf(await call(acme, { model: 'ghost' }));

      expect(status).toBe(502);
      expect(JSON.stringify(body)).toContain('dead');
    });
  });

  describe('a stream that breaks', () => {
    it.each([
      ['dies', { dieAfter: 5 }, 'interrupted'],
      ['ends without its end mark', { endEarlyAfter: 5 }, 'interrupted'],
      ['falls silent', { stallAfter: 5 }, 'backend_timeout'],
    ])('ends with one error event when it %s', async (_case, fault, code) => {
      acme = tenantWith({ fallback: ['spare'] });
      fake.script('tiny', { words: hundredWords, ...fault });

      const reply = await call(acme, { stream: true });
      const events = (await reply.text()).split('\n\n').filter((event) => event.startsWith('data:'));

      expect(reply.status).toBe(200);
      expect(events).toHaveLength(6);
      expect(JSON.parse(events.at(-1)?.slice('data: '.length) ?? '')).toMatchObject({ error: { code } });
      expect(other.calls).toHaveLength(0);
      expect(await eventOf(acme)).toMatchObject({
        status: 'error',
        errorCode: code,
        completionTokens: 5,
        estimated: true,
      });
    });

    it('tells a first token that is late from a backend that is gone', async () => {
      fake.script('tiny', { firstTokenMs: 5_000 });

      const { status, body } = await errorOf(await call(acme, { stream: true }));

      expect(status).toBe(504);
      expect(body).toMatchObject({ error: { code: 'backend_timeout' } });
      expect(fake.calls).toHaveLength(1);
    });

    it('does not count the silence of a client that reads slowly', async () => {
      const long = Array.from({ length: 8_000 }, () => ' lorem ipsum dolor'.repeat(300));
      fake.script('tiny', { words: long });
      const body = JSON.stringify({ model: 'tiny', messages, stream: true });
      const socket = connect(Number(new URL(router.url).port), '127.0.0.1');
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${acme.slug}\r\n` +
          `content-type: application/json\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      // Longer than the idle deadline, with a reply that fits no buffer on the way.
      await new Promise((resolve) => setTimeout(resolve, deadlines.idleMs * 2));
      const sentBeforeReading = fake.lastCall.wordsSent;
      let end = '';
      for await (const chunk of socket) end = (end + String(chunk)).slice(-200);

      expect(sentBeforeReading).toBeLessThan(long.length);
      expect(end).toContain('data: [DONE]');
    });
  });

  describe('limits', () => {
    const limited = (rpm: number | null, tpm: number | null, concurrent: number | null) =>
      tenantWith({ rateLimits: { rpm, tpm, concurrent } });

    it('refuses the request past the requests of a minute, and says when to come back', async () => {
      acme = limited(2, null, null);
      const replies = [await call(acme, {}), await call(acme, {}), await call(acme, {})];

      expect(replies.map(({ status }) => status)).toEqual([200, 200, 429]);
      expect(Number(replies[2]?.headers.get('retry-after'))).toBeGreaterThan(10);
      expect(await replies[2]?.json()).toMatchObject({ error: { code: 'rate_limited', type: 'rate_limit_error' } });
      const codes = await until(() => {
        const events = router.usage.eventsOf(acme.id);
        return events.length === 3 && events.map(({ errorCode }) => errorCode);
      });
      expect(codes).toEqual([null, null, 'rate_limited']);
    });

    it('reserves tokens before the call and gives back what was not used', async () => {
      acme = limited(null, 1_000, null);
      const first = await call(acme, { max_tokens: 900 });
      await first.text();
      await eventOf(acme);
      const second = await call(acme, { max_tokens: 900 });
      await second.text();

      const [third, fourth] = await Promise.all([call(acme, { max_tokens: 600 }), call(acme, { max_tokens: 600 })]);

      expect([first.status, second.status]).toEqual([200, 200]);
      expect(new Set([third.status, fourth.status])).toEqual(new Set([200, 429]));
    });

    it('counts calls that run at the same time, and frees the place of one that was cut off', async () => {
      acme = limited(null, null, 1);
      fake.script('tiny', { words: hundredWords, wordMs: 15 });
      const leaving = new AbortController();
      const running = await call(acme, { stream: true }, leaving.signal);
      const refused = await call(acme, {});
      leaving.abort();
      await running.text().catch(() => undefined);
      await eventOf(acme);
      await until(() => router.usage.eventsOf(acme.id).length === 2);

      const next = await call(acme, {});

      expect([running.status, refused.status, next.status]).toEqual([200, 429, 200]);
    });
  });

  describe('the budget', () => {
    it('stops calls once it is spent, at the prices of the backend', async () => {
      acme = tenantWith({ monthlyMicroUsd: 100, hardStop: true });
      fake.script('dear', { usage: { prompt_tokens: 20, completion_tokens: 6, total_tokens: 26 } });
      const first = await call(acme, { model: 'dear' });
      await first.text();

      const second = await call(acme, { model: 'dear' });

      expect((await eventOf(acme)).costMicroUsd).toBe(100);
      expect(second.status).toBe(429);
      expect(second.headers.get('x-should-retry')).toBe('false');
      expect(await second.json()).toMatchObject({ error: { code: 'budget_exhausted', type: 'insufficient_quota' } });
      expect(fake.calls).toHaveLength(1);
    });

    it('only counts where it is not a hard stop', async () => {
      acme = tenantWith({ monthlyMicroUsd: 1, hardStop: false });

      await (await call(acme, { model: 'dear' })).text();

      expect((await call(acme, { model: 'dear' })).status).toBe(200);
    });
  });

  it('keeps usage on disk while the database is away, and writes it once it is back', async () => {
    router.usage.outage = new AppError('database_unavailable', 'away');
    await (await call(acme, {})).text();
    await router.inference.usage.flush();
    const during = router.usage.eventsOf(acme.id).length;

    router.usage.outage = null;

    expect(during).toBe(0);
    expect(await eventOf(acme)).toMatchObject({ status: 'ok', model: 'tiny' });
  });
});

function modelOf(id: string) {
  return { id, kind: 'chat' as const, contextTokens: null, price: { inputPerMillion: 0, outputPerMillion: 0 } };
}
