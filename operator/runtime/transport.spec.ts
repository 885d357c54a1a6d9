import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { FakeApiServer } from '#test/fakes/fake-api-server/fake-api-server.js';
import type { Fault } from '#test/fakes/fake-api-server/faults.js';
import { KubeClient } from './client.js';
import type { Credentials } from './connection.js';
import { KubeApiError } from './kube-api-error.js';
import { connectionOf } from './kubeconfig.js';
import { LeadershipLost } from './leader-election.js';
import { ResourceTable } from './resource-table.js';
import { runtimeMetrics } from './runtime-metrics.js';
import { SystemTimers } from './timers.js';
import { KubeTransport, type KubeRequest } from './transport.js';

const path = '/api/v1/namespaces/default';
const reset: Fault = { kind: 'reset' };
const status = (code: number, retryAfterSeconds?: number): Fault => ({
  kind: 'status',
  code,
  reason: 'Ordered',
  ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
});

describe('transport', () => {
  let fake: FakeApiServer;
  let transport: KubeTransport;
  const registry = new Registry();
  const metrics = runtimeMetrics(registry);
  beforeEach(async () => {
    fake = await FakeApiServer.start();
    transport = new KubeTransport({ connection: fake.connection, timers: new SystemTimers(), metrics });
  });
  afterEach(async () => {
    transport.close();
    await fake.stop();
  });
  const call = (request: Partial<KubeRequest> = {}) => transport.request({ method: 'GET', path, ...request });
  const failure = async (pending: Promise<unknown>) => {
    const error = await pending.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(KubeApiError);
    return error as KubeApiError;
  };

  it('keeps its connections from one call to the next', async () => {
    for (let time = 0; time < 50; time += 1) await call();

    expect(fake.connections).toBe(1);
  });

  it('makes no more than 16 calls at once', async () => {
    fake.faults.next({ kind: 'delay', ms: 20 }, { times: 64 });

    await Promise.all(Array.from({ length: 64 }, () => call()));

    expect(fake.connections).toBe(16);
    expect(fake.requests).toHaveLength(64);
  });

  it.each([
    ['a connection that broke', reset],
    ['an answer that was lost', { kind: 'reset-after' } as const],
    ['a server that failed', status(503)],
  ])('asks again after %s', async (_case, fault) => {
    fake.faults.next(fault, { times: 2 });

    expect(await call()).toMatchObject({ kind: 'Namespace' });
    expect(fake.requests).toHaveLength(3);
  });

  it('gives up after four tries', async () => {
    fake.faults.next(reset, { times: 10 });

    expect(await failure(call())).toMatchObject({ status: 0, reason: 'NoAnswer', isTransient: true });
    expect(fake.requests).toHaveLength(4);
  });

  it('never repeats a creation whose answer was lost: it may have happened', async () => {
    fake.faults.next({ kind: 'reset-after' });
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'made' } };

    await failure(call({ method: 'POST', path: '/api/v1/namespaces', body }));

    expect(fake.requests).toHaveLength(1);
    expect(await call({ path: '/api/v1/namespaces/made' })).toMatchObject(body);
  });

  it('waits as long as a throttling server says, and then does even a creation', async () => {
    fake.faults.next(status(429, 1));
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'made' } };
    const startedAt = performance.now();

    await call({ method: 'POST', path: '/api/v1/namespaces', body });

    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1000);
    expect(fake.requests).toHaveLength(2);
  });

  it('gives up on a server that says nothing', async () => {
    fake.faults.next({ kind: 'hang' });

    expect(await failure(call({ deadlineMs: 50 }))).toMatchObject({ status: 0, reason: 'Deadline' });
    expect(fake.requests).toHaveLength(1);
  });

  it('stops waiting when the caller does', async () => {
    fake.faults.next(status(429, 60));
    const signal = AbortSignal.timeout(50);

    expect((await failure(call({ signal }))).status).toBe(429);
  });

  it('does not repeat what the server refuses', async () => {
    const error = await failure(call({ path: '/api/v1/namespaces/none' }));

    expect(error).toMatchObject({ status: 404, reason: 'NotFound', isNotFound: true, isTransient: false });
    expect(error.message).toBe('namespaces "none" not found');
    expect(fake.requests).toHaveLength(1);
  });

  it('takes tokens and certificates as they are now, and other certificates on other connections', async () => {
    let credentials: Credentials = { headers: { authorization: 'Bearer one' }, ca: 'first' };
    const connection = { ...fake.connection, credentials: () => Promise.resolve(credentials) };
    const own = new KubeTransport({ connection, timers: new SystemTimers() });
    const get = () => own.request({ method: 'GET', path });

    await get();
    credentials = { ...credentials, headers: { authorization: 'Bearer two' } };
    await get();
    const before = fake.connections;
    credentials = { ...credentials, ca: 'second' };
    await get();
    own.close();

    expect(fake.requests.map(({ authorization }) => authorization)).toEqual(['Bearer one', 'Bearer two', 'Bearer two']);
    expect([before, fake.connections]).toEqual([1, 2]);
  });

  it('makes no write, and repeats none, that the fence forbids', async () => {
    let mayWrite = true;
    const guard = () => {
      if (!mayWrite) throw new LeadershipLost();
    };
    const client = new KubeClient(transport, new ResourceTable(transport)).fenced(guard);
    const map = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } });
    const writer = { fieldManager: 'test' };
    fake.onWrite = () => {
      mayWrite = false;
    };
    fake.faults.next({ kind: 'reset-after' }, { match: ({ method }) => method === 'PATCH' });

    await expect(client.apply(map('a'), writer)).rejects.toThrow(LeadershipLost);
    await expect(client.apply(map('b'), writer)).rejects.toThrow(LeadershipLost);

    const names = (await client.list({ apiVersion: 'v1', kind: 'ConfigMap' })).items.map((one) => one.metadata.name);
    expect(names).toEqual(['a']);
    expect(fake.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(1);
  });

  it('counts calls by status, method and host', async () => {
    await call();
    fake.faults.next(reset);
    await call();

    const text = await registry.metrics();

    const host = `host="127.0.0.1:${fake.port}"`;
    expect(text).toContain(`rest_client_requests_total{code="200",method="GET",${host}} 2`);
    expect(text).toContain(`rest_client_requests_total{code="<error>",method="GET",${host}} 1`);
  });
});

describe('kubeconfig', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });
  const write = async (user: object) => {
    const path = join(folder, 'config');
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'one',
      clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443/', 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'one', context: { cluster: 'c', user: 'u', namespace: 'team' } }],
    };
    await writeFile(path, JSON.stringify(config));
    return path;
  };

  it('tells server, namespace and what a request must carry', async () => {
    const connection = connectionOf({ path: await write({ token: 'abc' }) });

    expect([connection.server, connection.namespace]).toEqual(['https://10.0.0.1:6443', 'team']);
    expect(await connection.credentials()).toMatchObject({
      headers: { authorization: 'Bearer abc' },
      rejectUnauthorized: false,
    });
  });

  it.each([
    ['a file that is not there', 'none', undefined, /cannot be read/],
    ['a context that is not in it', 'config', 'two', /no context "two"/],
  ])('says so of %s', async (_case, file, context, words) => {
    await write({ token: 'abc' });

    expect(() => connectionOf({ path: join(folder, file), ...(context !== undefined && { context }) })).toThrow(words);
  });
});
