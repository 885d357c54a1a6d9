import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import { RouterCompletions } from '#libs/backends/router-completions.js';
import { internalRoutes, routerAudience } from '#libs/contracts/router-api.js';
import { SystemClock } from '#libs/kernel/clock.js';
import { describeError } from '#libs/kernel/errors.js';
import { RandomIds, userId, type UserId } from '#libs/kernel/ids.js';
import { ExchangedTokenIssuer } from '#libs/signin/exchanged-tokens.js';
import { RouterBackendDirectory } from '#libs/sources/router-backend-directory.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { answerOf } from '#test/support/answer-of.js';
import { startBalancer } from '#test/support/balancer.js';
import { remount } from '#test/support/cluster-mounts.js';
import { ClusterShapes } from '#test/support/cluster-shapes.js';
import { redisServer } from '#test/support/component-list.js';
import { describeWith } from '#test/support/components.js';
import { until } from '#test/support/until.js';

/** A mounted file is read each second by each process; twice that and all have it. */
const turnEveryMs = 2_000;
const turns = 6;
/** Callers at the same time, each without a pause: half of them the same people all the time. */
const callers = 6;

const ids = new RandomIds();
const someone = () => userId(ids.next());

describeWith(redisServer, 'service keys that are turned under load', (program) => {
  let shapes: ClusterShapes;
  let acme: Tenant;
  let routers: readonly string[];
  let balancer: Awaited<ReturnType<typeof startBalancer>>;
  let issuer: ExchangedTokenIssuer;
  let completions: RouterCompletions;
  let directory: RouterBackendDirectory;
  beforeAll(async () => {
    shapes = await ClusterShapes.start(program);
    acme = shapes.tenant('acme');
    const { envOf, routerUrl, folder } = shapes.of('acme');
    const second = await shapes.startApp('router', envOf('router'));
    routers = [routerUrl, second.internalUrl];
    balancer = await startBalancer(routers.map((url) => Number(new URL(url).port)));
    issuer = new ExchangedTokenIssuer({
      routerUrl: balancer.url,
      podTokenFile: join(folder, 'chat', 'token'),
      clock: new SystemClock(),
      report: () => undefined,
    });
    completions = new RouterCompletions(balancer.url, issuer);
    directory = new RouterBackendDirectory(balancer.url, issuer);
  }, 120_000);
  afterAll(async () => {
    await completions.close();
    await directory.close();
    await issuer.close();
    await balancer.close();
    await shapes.close();
  });

  const kidsAt = async (url: string) =>
    ((await (await fetch(`${url}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] }).keys.map(
      ({ kid }) => kid,
    );
  const kidOf = (token: string) => decodeProtectedHeader(token).kid;
  const statusAt = async (url: string, token: string) =>
    (await fetch(`${url}${internalRoutes.models}`, { headers: { authorization: `Bearer ${token}` } })).status;
  const newToken = () => issuer.issue({ audience: routerAudience, tenant: acme, actor: someone() });
  /** Turns the keys and waits until both replicas have heard. */
  const turn = async () => {
    const path = join(shapes.of('acme').folder, 'keys', 'service-keys.json');
    const turned = await shapes.operator.rotateServiceKeys(await readFile(path, 'utf8'));
    const { keys } = JSON.parse(turned) as { keys: { kid: string }[] };
    await remount(path, turned);
    await until(async () => {
      const published = await Promise.all(routers.map(kidsAt));
      return published.every(([first]) => first === keys[0]?.kid);
    });
  };

  it('publish the one that signs and the next one at every replica', async () => {
    const [[current, next, ...more] = []] = await Promise.all(routers.map(kidsAt));

    expect(more).toEqual([]);
    expect(kidOf(await newToken())).toBe(current);
    await turn();
    expect(kidOf(await newToken())).toBe(next);
    expect((await kidsAt(routers[1] ?? ''))[0]).toBe(next);
  });

  it('keep the tokens of the key before for one turn, and refuse them after that, known as they were', async () => {
    const token = await newToken();
    const statuses = () => Promise.all(routers.map((url) => statusAt(url, token)));
    expect(await statuses()).toEqual([200, 200]);

    await turn();
    expect(await statuses()).toEqual([200, 200]);
    await turn();
    expect(await statuses()).toEqual([401, 401]);
  });

  it(`cause no error in ${turns} turns, while chat and admin call two routers without a pause`, async () => {
    const chat = await shapes.startApp('chat', {
      ...shapes.of('acme').envOf('chat'),
      WHISPER_ROUTER_URL: balancer.url,
    });
    const owner = await shapes.enter('acme', chat);
    const errors: string[] = [];
    const done = { backends: 0, answers: 0, turns: 0 };
    let isOver = false;
    const work = async (kind: keyof typeof done, once: () => Promise<unknown>) => {
      while (!isOver)
        await once().then(
          () => (done[kind] += 1),
          (error: unknown) => errors.push(`${kind}: ${describeError(error)}`),
        );
    };
    const answer = async (person: UserId) => {
      const messages = [{ role: 'user' as const, content: 'Hello' }];
      const asked = { tenant: acme, person, model: 'demo/guide', messages, traceparent: null };
      for await (const part of completions.stream(asked, AbortSignal.timeout(20_000))) if (part.kind === 'end') return;
      throw new Error('the answer has no end');
    };
    const steady = Array.from({ length: callers }, someone);
    const working = [
      ...steady.flatMap((person, index) => {
        const who = () => (index % 2 === 0 ? person : someone());
        return [work('backends', () => directory.list(acme, who())), work('answers', () => answer(who()))];
      }),
      work('turns', () => answerOf(owner, 'Hello')),
    ];

    for (let count = 0; count < turns; count++) {
      await turn();
      await new Promise((resolve) => setTimeout(resolve, turnEveryMs));
    }
    isOver = true;
    await Promise.all(working);

    expect(errors).toEqual([]);
    console.info(`key rotation: ${JSON.stringify(done)} in ${turns} turns`);
    expect(done.backends).toBeGreaterThan(turns * 10);
    expect(done.answers).toBeGreaterThan(turns);
    expect(done.turns).toBeGreaterThan(1);
  }, 120_000);
});
