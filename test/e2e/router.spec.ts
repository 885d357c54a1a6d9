import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { ModelList } from '#libs/contracts/chat-views.js';
import { listBackends } from '#libs/contracts/admin-api.js';
import { OpenAiErrorBody } from '#libs/contracts/error-body.js';
import { ChatCompletion, ChatCompletionChunk } from '#libs/contracts/openai/chat-completions.js';
import { RandomIds, userId } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { FakeModelServer } from '#test/fakes/fake-model-server.js';
import { memoryTenant } from '#test/fakes/memory-tenants.js';
import { backendAt, startRouter, type TestRouter } from '#test/support/router-app.js';
import { until } from '#test/support/until.js';

const messages = [{ role: 'user' as const, content: 'Hi there' }];

describe('the router', () => {
  let fake: FakeModelServer;
  let router: TestRouter;
  let acme: Tenant;
  let bare: Tenant;
  let client: OpenAI;

  beforeAll(async () => {
    fake = await FakeModelServer.start();
    router = await startRouter();
    acme = router.addTenant(memoryTenant('acme', { backends: [{ name: 'local' }], defaultModel: 'tiny' }));
    bare = router.addTenant(memoryTenant('bare'));
    await router.setBackends([backendAt('local', fake.url)]);
    client = new OpenAI({ baseURL: `${router.url}/v1`, apiKey: 'acme', maxRetries: 0 });
  });
  afterAll(async () => {
    await router.close();
    await fake.close();
  });
  beforeEach(() => fake.reset());

  const post = (path: string, body: string | object, headers: Record<string, string> = {}) =>
    fetch(`${router.url}${path}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { authorization: 'Bearer acme', 'content-type': 'application/json', ...headers },
    });
  const eventOf = (requestId: string | null, tenant = acme) =>
    until(() => router.usage.eventsOf(tenant.id).find(({ id }) => id === requestId));

  describe("with OpenAI's own client", () => {
    it('lists the models of the tenant', async () => {
      const { data } = await client.models.list();

      expect(data.map(({ id, owned_by }) => [id, owned_by])).toEqual([
        ['tiny', 'local'],
        ['tiny-embed', 'local'],
      ]);
    });

    it('answers a plain completion', async () => {
      const answer = await client.chat.completions.create({ model: 'tiny', messages });

      expect(answer.choices[0]?.message.content).toBe('Hello from a scripted model.');
      expect(answer.usage?.completion_tokens).toBe(6);
    });

    it('streams a completion with its usage', async () => {
      const options = { model: 'tiny', messages, stream: true, stream_options: { include_usage: true } } as const;
      const chunks = [];
      for await (const chunk of await client.chat.completions.create(options)) chunks.push(chunk);

      expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(
        'Hello from a scripted model.',
      );
      expect(chunks.at(-1)?.usage?.completion_tokens).toBe(6);
    });

    it('passes every other field to the backend unchanged', async () => {
      const extra = {
        tools: [{ type: 'function' as const, function: { name: 'look_up', parameters: { type: 'object' } } }],
        response_format: { type: 'json_object' as const },
        seed: 7,
        stop: ['\n', '§'],
        n: 1,
        logprobs: true,
        top_logprobs: 2,
      };
      const answer = await client.chat.completions.create({ model: 'tiny', messages, ...extra });

      expect(fake.lastCall.json).toEqual({ model: 'tiny', messages, ...extra });
      expect(answer.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: 'look_up' } });
    });

    it('makes embeddings', async () => {
      const { data, usage } = await client.embeddings.create({ model: 'tiny-embed', input: ['a', 'b'] });

      expect(data.map(({ embedding }) => [...embedding])).toEqual([
        [0, 0.25, -0.5, 1],
        [1, 0.25, -0.5, 1],
      ]);
      expect(usage.prompt_tokens).toBeGreaterThan(0);
    });

    it('raises the error classes the client knows', async () => {
      await expect(client.chat.completions.create({ model: 'nope', messages })).rejects.toBeInstanceOf(
        OpenAI.NotFoundError,
      );
      const stranger = new OpenAI({ baseURL: `${router.url}/v1`, apiKey: 'wrong', maxRetries: 0 });
      await expect(stranger.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    });
  });

  describe('byte for byte', () => {
    it('leaves a body alone that needs no change', async () => {
      const body = '{ "messages" : [ {"role":"user","content":"ümläut \\u00e9 \\ud83d\\ude00"} ],\n "model":"tiny" }';
      await post('/v1/chat/completions', body);

      expect(fake.lastCall.body.toString()).toBe(body);
    });

    it("puts the backend's own id in the place of the public one, and nothing else", async () => {
      await post('/v1/chat/completions', `{"temperature":1.0,"model":"local/tiny","messages":[]}`);

      expect(fake.lastCall.body.toString()).toBe('{"temperature":1.0,"model":"tiny","messages":[]}');
    });

    it('asks for usage in a stream on its own account, and keeps that event to itself', async () => {
      const reply = await post('/v1/chat/completions', { model: 'tiny', messages, stream: true });
      const text = await reply.text();

      expect(fake.lastCall.json['stream_options']).toEqual({ include_usage: true });
      expect(text).not.toContain('"usage"');
      expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
      expect(await eventOf(reply.headers.get('x-request-id'))).toMatchObject({ completionTokens: 6, estimated: false });
    });

    it('gives every chunk in the form of the contract', async () => {
      const reply = await post('/v1/chat/completions', {
        model: 'tiny',
        messages,
        stream: true,
        stream_options: { include_usage: true },
      });
      const events = (await reply.text()).split('\n\n').filter((event) => event.startsWith('data: {'));

      for (const event of events) ChatCompletionChunk.parse(JSON.parse(event.slice('data: '.length)));
      expect(events.length).toBe(8);
      const plain = await post('/v1/chat/completions', { model: 'tiny', messages });
      ChatCompletion.parse(await plain.json());
    });
  });

  describe('metering', () => {
    it('leaves a usage event with what the backend counted', async () => {
      const reply = await post('/v1/chat/completions', { model: 'tiny', messages });
      await reply.text();

      expect(await eventOf(reply.headers.get('x-request-id'))).toMatchObject({
        channel: 'api',
        keyId: 'key0000001',
        kind: 'chat',
        model: 'tiny',
        backend: 'local',
        status: 'ok',
        completionTokens: 6,
        estimated: false,
        attempts: 1,
      });
    });

    it.each([
      ['none at all', 'none' as const],
      ['a negative count', { prompt_tokens: -4, completion_tokens: 3 }],
      ['a count that is no number', { prompt_tokens: 'many', completion_tokens: 3 }],
      ['an absurd count', { prompt_tokens: 3, completion_tokens: 9e15 }],
    ])('counts itself where the usage of the backend is %s', async (_case, usage) => {
      fake.script('tiny', { usage });
      const body = JSON.stringify({ model: 'tiny', messages, stream: true, stream_options: { include_usage: true } });
      const reply = await post('/v1/chat/completions', body);
      await reply.text();

      const event = await eventOf(reply.headers.get('x-request-id'));
      expect(event).toMatchObject({ estimated: true, promptTokens: Math.ceil(body.length / 4) });
      expect(event.completionTokens).toBeGreaterThanOrEqual(6);
      expect(event.completionTokens).toBeLessThanOrEqual(8);
    });

    it('counts refused calls too, without tokens and without made-up model names', async () => {
      const reply = await post('/v1/chat/completions', { model: 'made-up', messages });

      expect(await eventOf(reply.headers.get('x-request-id'))).toMatchObject({
        status: 'error',
        errorCode: 'model_not_found',
        model: 'unknown',
        backend: 'none',
        promptTokens: 0,
        attempts: 0,
      });
    });
  });

  describe('refusals', () => {
    const valid = JSON.stringify({ model: 'tiny', messages });
    it.each([
      [
        'no key',
        '/v1/chat/completions',
        { body: valid, headers: { authorization: '' } },
        { status: 401, code: 'invalid_api_key', param: null },
      ],
      [
        'a wrong key',
        '/v1/models',
        { body: valid, headers: { authorization: 'Bearer nobody' } },
        { status: 401, code: 'invalid_api_key', param: null },
      ],
      [
        'half a body',
        '/v1/chat/completions',
        { body: valid.slice(0, -3), headers: {} },
        { status: 400, code: 'invalid_json', param: null },
      ],
      [
        'an empty body',
        '/v1/chat/completions',
        { body: '', headers: {} },
        { status: 400, code: 'invalid_json', param: null },
      ],
      [
        'no model',
        '/v1/chat/completions',
        { body: '{"messages":[]}', headers: {} },
        { status: 400, code: 'bad_request', param: 'model' },
      ],
      [
        'two models',
        '/v1/chat/completions',
        { body: '{"model":"a","model":"b"}', headers: {} },
        { status: 400, code: 'bad_request', param: 'model' },
      ],
      [
        'n as text',
        '/v1/chat/completions',
        { body: '{"model":"tiny","n":"2"}', headers: {} },
        { status: 400, code: 'bad_request', param: 'n' },
      ],
      [
        'an unknown model',
        '/v1/chat/completions',
        { body: '{"model":"x"}', headers: {} },
        { status: 404, code: 'model_not_found', param: 'model' },
      ],
      [
        'a form',
        '/v1/chat/completions',
        { body: 'a=b', headers: { 'content-type': 'text/plain' } },
        { status: 415, code: 'unsupported_media_type', param: null },
      ],
      [
        'an unknown address',
        '/v1/nowhere',
        { body: valid, headers: {} },
        { status: 404, code: 'not_found', param: null },
      ],
      [
        'no service token',
        '/internal/v1/chat/completions',
        { body: valid, headers: { authorization: '' } },
        { status: 401, code: 'unauthenticated', param: null },
      ],
      [
        'an API key inside',
        '/internal/v1/chat/completions',
        { body: valid, headers: {} },
        { status: 401, code: 'unauthenticated', param: null },
      ],
    ])('answers %s in the form of OpenAI', async (_case, path, sent, expected) => {
      const isGet = path === '/v1/models';
      const reply = isGet
        ? await fetch(`${router.url}${path}`, { headers: sent.headers })
        : await post(path, sent.body, sent.headers);
      const text = await reply.text();

      expect(reply.status).toBe(expected.status);
      expect(OpenAiErrorBody.parse(JSON.parse(text)).error).toMatchObject({
        code: expected.code,
        param: expected.param,
      });
      expect(reply.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(text).not.toMatch(/\bat .+\.[jt]s/);
    });

    it('takes ten megabytes and no more', async () => {
      const body = (bytes: number) =>
        JSON.stringify({ model: 'tiny', messages: [{ role: 'user', content: 'x'.repeat(bytes) }] });

      const large = await post('/v1/chat/completions', body(10_000_000));
      const tooLarge = await post('/v1/chat/completions', body(10_600_000));

      expect(large.status).toBe(200);
      expect(tooLarge.status).toBe(413);
      expect(await tooLarge.json()).toMatchObject({ error: { code: 'body_too_large' } });
    });

    it('keeps a key to its scopes', async () => {
      router.keys.add('models-only', { tenant: acme, keyId: 'k', personId: null, limits: null, scopes: ['models'] });
      const reply = await post(
        '/v1/chat/completions',
        { model: 'tiny', messages },
        { authorization: 'Bearer models-only' },
      );

      expect(reply.status).toBe(403);
    });

    it('keeps a key to its own limits', async () => {
      const limits = { rpm: 1, tpm: null, concurrent: null };
      router.keys.add('slow', { tenant: acme, keyId: 'slow', personId: null, limits, scopes: ['chat'] });
      const ask = (key: string) =>
        post('/v1/chat/completions', { model: 'tiny', messages }, { authorization: `Bearer ${key}` });

      const replies = [await ask('slow'), await ask('slow'), await ask('acme')];

      expect(replies.map(({ status }) => status)).toEqual([200, 429, 200]);
      expect(Number(replies[1]?.headers.get('retry-after'))).toBeGreaterThan(0);
    });

    it("does not offer one tenant's models to another", async () => {
      const reply = await post('/v1/chat/completions', { model: 'tiny', messages }, { authorization: 'Bearer bare' });

      expect(reply.status).toBe(404);
      expect(fake.calls).toHaveLength(0);
    });

    it('tells a refusal of the backend in its own words', async () => {
      fake.script('tiny', { status: 400, errorBody: { error: { message: 'context is 8 tokens', param: 'messages' } } });
      const reply = await post('/v1/chat/completions', { model: 'tiny', messages });

      expect(reply.status).toBe(400);
      const { error } = OpenAiErrorBody.parse(await reply.json());
      expect(error).toMatchObject({ code: 'bad_request', param: 'messages' });
      expect(error.message).toContain('context is 8 tokens');
      expect(fake.calls).toHaveLength(1);
    });
  });

  describe('the internal face', () => {
    const person = userId(new RandomIds().next());
    const asService = async (tenant: Tenant) => ({
      authorization: `Bearer ${await router.serviceToken(tenant, person)}`,
      'content-type': 'application/json',
    });

    it('answers with everything it knows about the call', async () => {
      const reply = await post('/internal/v1/chat/completions', { model: 'tiny', messages }, await asService(acme));
      await reply.text();

      expect(Object.fromEntries(reply.headers)).toMatchObject({
        'x-whisper-model': 'tiny',
        'x-whisper-backend': 'local',
        'x-whisper-attempts': '1',
        'x-whisper-price': '0,0',
      });
      const event = await eventOf(reply.headers.get('x-request-id'));
      expect(event).toMatchObject({ channel: 'chat', personId: person, keyId: null });
    });

    it('tells the public less', async () => {
      const reply = await post('/v1/chat/completions', { model: 'tiny', messages });
      await reply.text();

      expect(reply.headers.get('x-whisper-model')).toBe('tiny');
      expect(reply.headers.get('x-whisper-backend')).toBeNull();
    });

    it('lists the models with the default one', async () => {
      const reply = await fetch(`${router.url}/internal/models`, { headers: await asService(acme) });

      expect(ModelList.parse(await reply.json())).toMatchObject({
        defaultModel: 'tiny',
        problem: null,
        models: [
          { id: 'tiny', kind: 'chat', available: true, demo: false },
          { id: 'tiny-embed', kind: 'embeddings' },
        ],
      });
    });

    it('lists the backends for the admin page', async () => {
      const reply = await fetch(`${router.url}/internal/backends`, { headers: await asService(acme) });

      const { backends } = listBackends.reply.parse(await reply.json());
      expect(backends).toMatchObject([
        { name: 'demo', source: 'demo', used: false },
        { name: 'local', source: 'manifest', used: true, reachable: true, problem: null },
      ]);
    });

    it('refuses the token of a tenant that has moved', async () => {
      const moved = router.addTenant(memoryTenant('moved'));
      const headers = await asService(moved);
      router.tenants.add({ ...moved, epoch: 2 });

      const reply = await fetch(`${router.url}/internal/models`, { headers });

      expect(await reply.json()).toMatchObject({ error: { code: 'tenant_moved' } });
    });

    it('passes the trace context on to the backend', async () => {
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      await post('/v1/chat/completions', { model: 'tiny', messages }, { traceparent });

      expect(fake.lastCall.headers['traceparent']).toBe(traceparent);
    });
  });

  describe('the demo responder', () => {
    const ask = (content: string, stream: boolean) =>
      post(
        '/v1/chat/completions',
        { model: 'demo/guide', stream, messages: [{ role: 'user', content }] },
        { authorization: 'Bearer bare' },
      );

    it('answers where there is no other model, and says what it is', async () => {
      const reply = await ask('What is this?', true);
      const text = await reply.text();

      expect(reply.headers.get('x-whisper-demo')).toBe('1');
      expect(text.replaceAll(/data: .*?"content":"(.*?)".*\n\n/g, '$1')).toContain('not an AI');
      expect(await eventOf(reply.headers.get('x-request-id'), bare)).toMatchObject({
        backend: 'demo',
        status: 'ok',
        costMicroUsd: 0,
      });
    });

    it('gives the same words for the same question, with code and a table', async () => {
      const answers = await Promise.all([ask('Hello', false), ask('Hello', false)]);
      const [first, second] = await Promise.all(answers.map((reply) => reply.text()));

      expect(first).toBe(second);
      expect(first).toContain('```yaml');
      expect(first).toContain('| Part |');
    });

    it('shows an error when asked to', async () => {
      const reply = await ask('!error', true);

      expect(reply.status).toBe(502);
    });

    it('is not offered beside a model that is there', async () => {
      const reply = await post('/v1/chat/completions', { model: 'demo/guide', messages });

      expect(reply.status).toBe(404);
    });
  });

  it('counts calls in its metrics', async () => {
    await (await post('/v1/chat/completions', { model: 'tiny', messages })).text();

    const text = await router.metrics.metrics();
    expect(text).toMatch(/whisper_router_requests_total\{tenant="acme",kind="chat",status="ok",code=""\} [1-9]/);
  });
});
