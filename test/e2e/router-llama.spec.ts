import { afterAll, beforeAll, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { memoryTenant } from '#test/fakes/memory-tenants.js';
import { llama } from '#test/support/component-list.js';
import { describeWith } from '#test/support/components.js';
import { type LlamaEngine, startLlama } from '#test/support/llama-engine.js';
import { backendAt, startRouter, type TestRouter } from '#test/support/router-app.js';
import { until } from '#test/support/until.js';

describeWith(llama, 'a real inference engine behind the router', (folder) => {
  let engine: LlamaEngine;
  let router: TestRouter;
  let client: OpenAI;
  const acme = memoryTenant('acme', { backends: [{ name: 'engine' }] });
  const request = { model: 'tiny-llama', messages: [{ role: 'user' as const, content: 'tell me.' }], max_tokens: 40 };

  beforeAll(async () => {
    engine = await startLlama(folder);
    router = await startRouter();
    router.addTenant(acme);
    await router.setBackends([backendAt('engine', engine.url)]);
    client = new OpenAI({ baseURL: `${router.url}/v1`, apiKey: 'acme', maxRetries: 0 });
  });
  afterAll(async () => {
    await router.close();
    await engine.stop();
  });

  it('is asked for its models', async () => {
    const { data } = await client.models.list();

    expect(data.map(({ id }) => id)).toEqual(['tiny-llama']);
  });

  it('streams the same words it answers in one piece, with the same count', async () => {
    const whole = await client.chat.completions.create({ ...request, seed: 5, temperature: 0.8 });
    const stream = await client.chat.completions.create({
      ...request,
      seed: 5,
      temperature: 0.8,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);

    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(text.length).toBeGreaterThan(0);
    expect(chunks.at(-1)?.usage).toEqual(whole.usage);
  });

  it('is metered by its own count', async () => {
    const { usage } = await client.chat.completions.create(request);

    const event = await until(() => router.usage.eventsOf(acme.id).at(-1));
    await until(() => router.usage.eventsOf(acme.id).length >= 3);
    expect(event).toMatchObject({ estimated: false, status: 'ok', backend: 'engine' });
    expect(usage?.completion_tokens).toBeGreaterThan(0);
  });

  it('makes embeddings', async () => {
    const { data } = await client.embeddings.create({
      model: 'tiny-llama',
      input: ['hello', 'world'],
      encoding_format: 'float',
    });

    expect(data).toHaveLength(2);
    expect(data[0]?.embedding.length).toBe(288);
  });
});
