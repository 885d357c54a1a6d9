import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { TokenRequest } from '#libs/contracts/token-exchange.js';
import { RandomIds, userId } from '#libs/kernel/ids.js';
import { ManualClock } from '#test/fakes/manual-clock.js';
import { memoryTenant } from '#test/fakes/memory-tenants.js';
import { mount } from '#test/support/cluster-mounts.js';
import { until } from '#test/support/until.js';
import { ExchangedTokenIssuer } from './exchanged-tokens.js';

const audience = 'whisper-router';
const acme = memoryTenant('acme');
const person = userId(new RandomIds().next());
type Answer = (response: ServerResponse, asked: TokenRequest | null) => void;

/** A router as far as a pod sees it; each token that it gives has a number. */
class TokenRouter {
  readonly asked: TokenRequest[] = [];
  readonly shown: (string | undefined)[] = [];
  readonly connections = new Set<unknown>();
  answer: Answer = (response) => this.give(response);
  private readonly server: Server = createServer((request, response) => void this.serve(request, response));

  give(response: ServerResponse): void {
    response.end(JSON.stringify({ token: `token ${this.asked.length}`, expiresInSeconds: 300 }));
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.connections.add(request.socket);
    this.shown.push(request.headers.authorization);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method === 'GET') return this.answer(response, null);
    const body = TokenRequest.parse(JSON.parse(Buffer.concat(chunks).toString()));
    this.asked.push(body);
    this.answer(response, body);
  }
}

const fail =
  (status: number, code = 'x'): Answer =>
  (response) =>
    void response
      .writeHead(status)
      .end(JSON.stringify({ error: { message: 'no', type: 'server_error', param: null, code } }));

describe('tokens that a pod exchanges', () => {
  let clock: ManualClock;
  let router: TokenRouter;
  let routerUrl: string;
  let folder: string;
  let podTokenFile: string;
  let reports: unknown[];
  let issuer: ExchangedTokenIssuer;
  beforeEach(async () => {
    clock = new ManualClock();
    router = new TokenRouter();
    routerUrl = await router.listen();
    folder = await mount({ token: 'pod token 1\n' });
    podTokenFile = join(folder, 'token');
    reports = [];
    issuer = new ExchangedTokenIssuer({ routerUrl, podTokenFile, clock, report: (error) => reports.push(error) });
  });
  afterEach(async () => {
    await issuer.close();
    await router.close();
    await rm(folder, { recursive: true, force: true });
  });
  const issue = (change: object = {}, signal?: AbortSignal) =>
    issuer.issue({ audience, tenant: acme, actor: person, ...change }, signal);

  it('are asked for with the token of the pod, for one tenant, person and audience', async () => {
    expect(await issue()).toBe('token 1');
    expect(router.asked).toEqual([{ audience, tenant: acme.id, epoch: 1, actor: person }]);
    expect(router.shown).toEqual(['Bearer pod token 1']);
  });

  it('are asked for once by everybody who waits for the same', async () => {
    expect(await Promise.all([issue(), issue(), issue()])).toEqual(['token 1', 'token 1', 'token 1']);
    expect(await issue()).toBe('token 1');
    expect(router.asked).toHaveLength(1);
  });

  it('are different ones for another person, tenant or epoch', async () => {
    await issue();
    await issue({ actor: null });
    await issue({ tenant: memoryTenant('globex') });
    await issue({ tenant: { ...acme, epoch: 2 } });

    expect(router.asked).toHaveLength(4);
  });

  it('are renewed while they are still used, so that nobody waits', async () => {
    await issue();
    clock.advance(130_000);
    router.answer = () => undefined;

    expect([await issue(), await issue()]).toEqual(['token 1', 'token 1']);
    await until(() => router.asked.length === 2);
  });

  it('are the new ones as soon as these are there', async () => {
    await issue();
    clock.advance(130_000);
    await issue();

    await until(async () => (await issue()) === 'token 2');
    expect(router.asked).toHaveLength(2);
  });

  it('go on while the router is away, as long as they live', async () => {
    await issue();
    await router.close();
    clock.advance(235_000);

    expect(await issue()).toBe('token 1');
  });

  it('show the token of the pod as it is now: the kubelet replaces it', async () => {
    await issue();
    await rm(podTokenFile);
    await writeFile(podTokenFile, 'pod token 2');
    await issue({ actor: null });

    expect(router.shown).toEqual(['Bearer pod token 1', 'Bearer pod token 2']);
  });

  it.each<[string, Answer]>([
    ['knows nothing of tokens, as an older one', fail(404)],
    ['has not heard of this pod’s cluster keys', fail(401)],
    ['has not heard of the tenant yet', fail(403)],
    ['is overloaded', fail(503)],
    ['answers nonsense', (response) => void response.end('<html>')],
    ['hangs up', (response) => void response.destroy()],
  ])('are asked for again, over another connection, where a router %s', async (_case, answer) => {
    let times = 0;
    router.answer = (response, asked) => {
      times += 1;
      if (times <= 2) answer(response, asked);
      else router.give(response);
    };

    expect(await issue()).toBe('token 3');
    expect(router.connections.size).toBe(3);
  });

  it('are waited for while the router starts', async () => {
    await router.close();
    const waiting = issue();
    const late = new TokenRouter();
    await late.listen(Number(new URL(routerUrl).port));

    expect(await waiting).toBe('token 1');
    await late.close();
    router = new TokenRouter();
    await router.listen();
  });

  it('are waited for no longer than the request itself waits', async () => {
    router.answer = fail(503);
    const reason = new Error('the reader went away');
    const ending = new AbortController();
    const waiting = issue({}, ending.signal);
    const other = issue();
    await until(() => router.asked.length > 0);
    ending.abort(reason);

    await expect(waiting).rejects.toBe(reason);
    router.answer = (response) => router.give(response);
    expect(await other).toMatch(/^token/);
  });

  it('end the wait where the tenant has moved: only the caller can ask anew', async () => {
    router.answer = fail(503, 'tenant_moved');

    await expect(issue()).rejects.toMatchObject({ code: 'tenant_moved' });
    expect(router.asked).toHaveLength(1);
  });

  it('are not handed out again once they were refused', async () => {
    issuer.refused(await issue());

    expect(await issue()).toBe('token 2');
  });

  it('come from elsewhere: there is no key to publish', async () => {
    expect(await issuer.jwks()).toEqual({ keys: [] });
  });

  it('make the pod ready once the router has known it, and it stays so', async () => {
    router.answer = fail(404);
    expect(await issuer.isIntroduced()).toBe(false);
    router.answer = (response) => void response.end('{"service":"chat"}');
    expect(await issuer.isIntroduced()).toBe(true);
    router.answer = fail(401);

    expect(await issuer.isIntroduced()).toBe(true);
    expect(reports).toHaveLength(1);
  });
});
