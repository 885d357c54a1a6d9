import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { emptyTurn } from '#libs/chat/domain/turn.js';
import { RandomIds, tenantId } from '#libs/kernel/ids.js';
import type { UsageEvent } from '#libs/inference/domain/usage.js';
import { until } from '#test/support/until.js';
import { Tracing } from './tracing.js';

const Attribute = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) });
const SpanView = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  attributes: z.array(Attribute),
  events: z.array(z.object({ name: z.string() })),
});
const Export = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(SpanView) })) })),
});

const ids = new RandomIds();
const ended: UsageEvent = {
  id: ids.next(),
  tenant: tenantId(ids.next()),
  at: new Date(),
  personId: null,
  keyId: null,
  channel: 'api',
  kind: 'chat',
  model: 'tiny',
  backend: 'local',
  status: 'error',
  errorCode: 'interrupted',
  promptTokens: 3,
  completionTokens: 4,
  estimated: false,
  costMicroUsd: 0,
  firstTokenMs: 5,
  totalMs: 6,
  attempts: 2,
};

describe('tracing', () => {
  const spans: z.infer<typeof SpanView>[] = [];
  let sink: Server;
  let endpoint: string;

  beforeAll(async () => {
    sink = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { resourceSpans } = Export.parse(JSON.parse(Buffer.concat(chunks).toString()));
        spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
    endpoint = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    sink.closeAllConnections();
    await new Promise((resolve) => sink.close(resolve));
  });

  const open = (ratio: number) => Tracing.create({ endpoint, ratio, service: 'test', flushMs: 20 });

  it("sends a call as a span under its caller's, and makes the backend a child of it", async () => {
    const tracing = open(0);
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const span = tracing.startCall('chat', `00-${traceId}-00f067aa0ba902b7-01`);
    span?.event('attempt failed', { backend: 'local' });
    span?.end('acme', ended);
    const sent = await until(() => spans.find((one) => one.traceId === traceId));
    await tracing.close();

    expect(sent).toMatchObject({
      name: 'chat',
      parentSpanId: '00f067aa0ba902b7',
      events: [{ name: 'attempt failed' }],
    });
    expect(span?.traceparent).toBe(`00-${traceId}-${sent.spanId}-01`);
    const attributes = new Map(sent.attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
    expect(attributes.get('gen_ai.provider.name')).toBe('local');
    expect(attributes.get('gen_ai.usage.output_tokens')).toBe(4);
    expect(attributes.get('whisper.tenant')).toBe('acme');
  });

  it('makes the call of an answer a child of the turn', async () => {
    const chat = Tracing.create({ endpoint, ratio: 1, service: 'whisper-chat', flushMs: 20 });
    const router = Tracing.create({ endpoint, ratio: 0, service: 'whisper-router', flushMs: 20 });

    const turn = chat.startTurn();
    const call = router.startCall('chat', turn?.traceparent ?? null);
    call?.end('acme', ended);
    turn?.end('acme', { ...emptyTurn('tiny'), status: 'complete' });
    const parent = await until(() => spans.find(({ name }) => name === 'turn'));
    const child = await until(() => spans.find(({ traceId, name }) => traceId === parent.traceId && name === 'chat'));

    expect(child.parentSpanId).toBe(parent.spanId);
    await Promise.all([chat.close(), router.close()]);
  });

  it('traces about the share it was told, and keeps the decision of the caller', async () => {
    const tracing = open(0.25);
    const traced = Array.from({ length: 2_000 }, () => tracing.startCall('chat', null)).filter((span) => span !== null);
    const refused = tracing.startCall('chat', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00');
    await tracing.close();

    expect(traced.length).toBeGreaterThan(350);
    expect(traced.length).toBeLessThan(650);
    expect(refused).toBeNull();
  });

  it('does nothing at all without a collector', async () => {
    const tracing = Tracing.create({ endpoint: null, ratio: 1, service: 'test' });

    expect(tracing.startCall('chat', null)).toBeNull();
    await expect(tracing.close()).resolves.toBeUndefined();
  });
});
