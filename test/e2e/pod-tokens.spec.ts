import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { internalRoutes, routerAudience } from '#libs/contracts/router-api.js';
import { answerOf } from '#test/support/answer-of.js';
import type { AppProcess } from '#test/support/app-process.js';
import { startBalancer } from '#test/support/balancer.js';
import { Browser } from '#test/support/browser.js';
import { ClusterShapes } from '#test/support/cluster-shapes.js';
import { ClusterSigner } from '#test/support/cluster-signer.js';
import { redisServer } from '#test/support/component-list.js';
import { describeWith } from '#test/support/components.js';
import { until } from '#test/support/until.js';

const globex = { namespace: 'whisper-globex', account: 'chat' };
const shared = { namespace: 'whisper-system', account: 'whisper-chat' };

describeWith(redisServer, 'the exchange of a pod’s token', (program) => {
  let shapes: ClusterShapes;
  let cluster: ClusterSigner;
  beforeAll(async () => {
    shapes = await ClusterShapes.start(program);
    ({ cluster } = shapes);
  }, 120_000);
  afterAll(() => shapes.close());

  const routerOf = (slug: string) => (slug === 'pooled' ? shapes.pooled : shapes.of(slug)).routerUrl;
  const exchange = async (at: string, podToken: string, slug: string, change: object = {}) => {
    const { id, epoch } = shapes.tenant(slug);
    const reply = await fetch(`${routerOf(at)}${internalRoutes.token}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${podToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ audience: routerAudience, tenant: id, epoch, actor: null, ...change }),
    });
    return { status: reply.status, json: (await reply.json()) as Record<string, unknown> };
  };

  it.each([
    ['a dedicated tenant’s own pod', 'globex', globex, 'globex'],
    ['a pod of the shared apps', 'pooled', shared, 'initech'],
  ])('gives %s a token that the router believes', async (_case, at, pod, slug) => {
    const { status, json } = await exchange(at, await cluster.token(pod), slug);

    expect(status).toBe(200);
    const headers = { authorization: `Bearer ${String(json['token'])}` };
    expect((await fetch(`${routerOf(at)}${internalRoutes.models}`, { headers })).status).toBe(200);
  });

  it.each<[string, string, () => Promise<string>, string, number]>([
    ['a dedicated tenant’s pod for another tenant', 'globex', () => cluster.token(globex), 'acme', 403],
    ['a dedicated tenant’s pod for a pooled tenant', 'globex', () => cluster.token(globex), 'initech', 403],
    ['another tenant’s pod', 'acme', () => cluster.token(globex), 'acme', 401],
    ['a dedicated tenant’s pod at the shared router', 'pooled', () => cluster.token(globex), 'initech', 401],
    ['a pod of the shared apps for a dedicated tenant', 'pooled', () => cluster.token(shared), 'acme', 403],
    ['a pod of the shared apps at a dedicated tenant’s router', 'acme', () => cluster.token(shared), 'acme', 401],
    ['the router’s own account', 'globex', () => cluster.token({ ...globex, account: 'router' }), 'globex', 401],
    [
      'a token for the API server',
      'globex',
      () => cluster.token(globex, { audience: 'https://kubernetes.default.svc.cluster.local' }),
      'globex',
      401,
    ],
    ['a token that has ended', 'globex', () => cluster.token(globex, { lifeSeconds: -60 }), 'globex', 401],
    ['a token of another cluster', 'globex', async () => (await ClusterSigner.create()).token(globex), 'globex', 401],
    ['a service token', 'globex', async () => serviceToken(), 'globex', 401],
  ])('refuses %s', async (_case, at, make, slug, status) => {
    expect((await exchange(at, await make(), slug)).status).toBe(status);
  });

  it.each<[string, object, number, string]>([
    ['an audience that nobody has', { audience: 'whisper-admin' }, 403, 'forbidden'],
    ['an older epoch', { epoch: 0 }, 503, 'tenant_moved'],
    ['a tenant that is no id', { tenant: 'globex' }, 400, 'bad_request'],
    ['a field that nobody knows', { scope: 'all' }, 400, 'bad_request'],
  ])('refuses %s', async (_case, change, status, code) => {
    const { json, ...reply } = await exchange('globex', await cluster.token(globex), 'globex', change);

    expect(reply.status).toBe(status);
    expect(json).toMatchObject({ error: { code } });
  });

  it('publishes keys at the router, and has none at the chat', async () => {
    const kidsAt = async (url: string) =>
      ((await (await fetch(`${url}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] }).keys.length;

    expect(await kidsAt(routerOf('globex'))).toBe(2);
    expect(await kidsAt(shapes.of('globex').chat.internalUrl)).toBe(0);
  });

  it('counts what it gave and why it refused', async () => {
    const metrics = await (await fetch(`${routerOf('globex')}/metrics`)).text();

    for (const outcome of ['given', 'audience', 'expired', 'key', 'account', 'tenant', 'asked-audience', 'epoch'])
      expect(metrics).toMatch(new RegExp(`whisper_token_exchanges_total\\{outcome="${outcome}"\\} [1-9]`));
  });

  const serviceToken = async () =>
    String((await exchange('globex', await cluster.token(globex), 'globex')).json['token']);

  it('keeps a chat that its router does not know out of service', async () => {
    const { envOf, routerUrl, folder } = shapes.of('globex');
    const token = join(folder, 'stranger');
    await writeFile(token, await cluster.token({ namespace: 'whisper-globex', account: 'stranger' }));
    const chat = await shapes.launchApp('chat', {
      ...envOf('chat'),
      WHISPER_ROUTER_URL: routerUrl,
      WHISPER_POD_TOKEN: token,
    });
    const ready = async () =>
      (await new Browser(`http://127.0.0.1:${chat.port}`).get('/readyz').catch(() => null))?.status ?? null;
    await until(async () => (await ready()) !== null, 30_000);

    expect(await ready()).toBe(503);
    await writeFile(token, await cluster.token({ namespace: 'whisper-globex', account: 'chat' }));
    await until(async () => (await ready()) === 200);
  });

  describe('while versions change', () => {
    const envOf = (app: 'chat' | 'router') => shapes.of('globex').envOf(app);
    const without = (env: Record<string, string>, name: string) =>
      Object.fromEntries(Object.entries(env).filter(([key]) => key !== name));
    const statusOf = async ({ port }: AppProcess) =>
      (await new Browser(`http://127.0.0.1:${port}`).get('/readyz').catch(() => null))?.status ?? null;

    it('believes a chat of before, which signs with the keys itself', async () => {
      const keys = envOf('router')['WHISPER_SERVICE_KEYS'] ?? '';
      const old = await shapes.startApp('chat', {
        ...without(envOf('chat'), 'WHISPER_POD_TOKEN'),
        WHISPER_SERVICE_KEYS: keys,
        WHISPER_ROUTER_URL: shapes.of('globex').routerUrl,
      });

      expect(await answerOf(await shapes.enter('globex', old), 'Hello')).toContain('not an AI');
    });

    it('keeps a new chat out of service before old routers, and lets it serve beside them as soon as one is new', async () => {
      const old = await shapes.startApp('router', without(envOf('router'), 'WHISPER_CLUSTER_KEYS'));
      const targets = [old.port + 1];
      const balancer = await startBalancer(targets);
      const chat = await shapes.launchApp('chat', { ...envOf('chat'), WHISPER_ROUTER_URL: balancer.url });
      await until(async () => (await statusOf(chat)) !== null, 30_000);
      expect(await statusOf(chat)).toBe(503);

      targets.push(Number(new URL(shapes.of('globex').routerUrl).port));
      await until(async () => (await statusOf(chat)) === 200);
      const owner = await shapes.enter('globex', chat);

      const answers = await Promise.all(['One', 'Two', 'Three'].map((say) => answerOf(owner, say)));
      for (const answer of answers) expect(answer).toContain('not an AI');
      await balancer.close();
    });
  });
});
