import { execFile } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../support/browser-platform.js';
import { ended, say } from '../../support/browser-page.js';
import { chromium, redisServer } from '../../support/component-list.js';
import { describeWith } from '../../support/components.js';
import { freePort } from '../../support/free-port.js';
import { until } from '../../support/until.js';
import { realNode } from './component.js';
import { demoText, linkPlaces } from './demo-text.js';
import { openDoors } from './doors.js';
import { nodeProgramNames } from './node-programs.js';
import { connectScript, exchangeScript, privateKeysScript, refused } from './probe-scripts.js';
import { home, WholeCluster } from './whole-cluster.js';

const startMs = 15 * 60_000;
const stopMs = 60_000;
const waitMs = 90_000;
jest.setTimeout(200_000);

const acmeChat = linkPlaces.acme;
const socketsOpened = 25;

// The cases go on from one another, as the first day of a platform does.
describeWith(redisServer, 'the whole product', (redis) =>
  describeWith(chromium, 'in a browser', (executablePath) =>
    describeWith(realNode, 'on a real node', () => {
      let cluster: WholeCluster;
      let browser: Browser;
      let page: Page;
      beforeAll(async () => {
        const ports = { chat: await freePort(), idp: await freePort() };
        cluster = await WholeCluster.start(redis, (line) => console.info(`whole cluster: ${line}`), ports);
        browser = await launchChromium(inNetwork(cluster, executablePath));
      }, startMs);
      afterAll(async () => {
        await browser?.close();
        await cluster?.stop();
      }, stopMs);

      const kubectl = (...args: readonly string[]) => cluster.node.kube.kubectl(...args);
      const newPage = async () => {
        const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
        context.setDefaultTimeout(20_000);
        return context.newPage();
      };
      const enter = async (tenant: keyof typeof linkPlaces) => {
        const opened = await newPage();
        await opened.goto(await cluster.ownerLink(tenant, linkPlaces[tenant]));
        await opened.getByTestId('use-link').click();
        await opened.getByTestId('composer').waitFor();
        return opened;
      };

      it('answers the owner of a tenant that came in by a link', async () => {
        page = await enter('acme');
        await say(page, 'How does a heat pump work?');

        const answer = await ended(page);

        expect((await answer.innerText()).length).toBeGreaterThan(40);
      });

      it('has both tenants Ready, and a namespace for the dedicated one alone', async () => {
        const path =
          'jsonpath={range .items[*]}{.metadata.name} {.spec.isolation} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}';

        expect((await kubectl('get', 'wt', '-o', path)).trim().split('\n')).toEqual([
          'acme dedicated True',
          'globex pooled True',
        ]);
        expect(await kubectl('get', 'namespaces', '-o', 'name')).not.toContain('whisper-globex');
      });

      it('counts the message on the admin page', async () => {
        await page.goto(`${cluster.chatUrl('acme')}/admin`);
        await page.waitForURL(/\/\/admin\.acme\./);

        expect(await page.getByTestId('tiles').getByRole('listitem').first().textContent()).toMatch(/^Messages1/);
      });

      it('lets the owner of the pooled tenant in, to a chat of its own', async () => {
        const opened = await enter('globex');
        expect(await opened.locator('h1').innerText()).toBe('Where should we begin?');
        await say(opened, 'Guten Morgen');

        expect((await (await ended(opened)).innerText()).length).toBeGreaterThan(40);
        expect(new URL(opened.url()).host).toBe(new URL(cluster.chatUrl('globex')).host);
        await opened.context().close();
      });

      it('lets people in through an identity provider that runs in the cluster', async () => {
        await cluster.addIdentityProvider();

        const opened = await newPage();
        await until(async () => {
          await opened.goto(`${cluster.chatUrl('acme')}/`);
          return (await opened.getByTestId('sign-in-sso').count()) > 0;
        }, waitMs);
        await opened.getByTestId('sign-in-sso').click();
        await opened.getByRole('button', { name: 'Max Member' }).click();
        await opened.getByTestId('composer').waitFor();
        await say(opened, 'Good morning');

        expect((await (await ended(opened)).innerText()).length).toBeGreaterThan(10);
        await opened.context().close();
      });

      it('shows one conversation to two browsers, whichever of two replicas each reached', async () => {
        const pods = await kubectl(
          'get',
          'pods',
          '-n',
          'whisper-acme',
          '-l',
          'app.kubernetes.io/component=chat',
          '-o',
          'jsonpath={.items[*].status.podIP}',
        );
        expect(pods.split(' ').length).toBeGreaterThanOrEqual(2);
        page = await enter('acme');
        await say(page, 'Write a table of ten typical figures');
        await answered(page, 1);
        const seen: Page[] = [];
        for (let at = 0; at < 3; at++) {
          const other = await page.context().newPage();
          await other.goto(page.url());
          await other.getByTestId('composer').waitFor();
          seen.push(other);
        }

        await say(page, 'And once more, please');
        for (const each of [page, ...seen]) await answered(each, 2);

        const words = await page.getByTestId('answer').last().innerText();
        expect(words.length).toBeGreaterThan(40);
        for (const other of seen) expect(await other.getByTestId('answer').last().innerText()).toBe(words);
        for (const other of seen) await other.close();
      });

      describeReach(() => cluster);

      describeIdentity(() => cluster);

      it.each([
        ['chat', 'app.kubernetes.io/component=chat'],
        ['router', 'app.kubernetes.io/component=router'],
        ['admin', 'app.kubernetes.io/component=admin'],
      ])('brings %s back after a kill with -9', async (app, selector) => {
        const counts = async () =>
          (
            await kubectl(
              'get',
              'pods',
              '-n',
              'whisper-acme',
              '-l',
              selector,
              '-o',
              'jsonpath={.items[*].status.containerStatuses[*].restartCount}',
            )
          )
            .split(' ')
            .map(Number);
        const before = (await counts()).reduce((sum, count) => sum + count, 0);

        await cluster.node.killContainer('whisper-acme', selector);

        await until(async () => (await counts()).reduce((sum, count) => sum + count, 0) > before, waitMs);
        await kubectl('rollout', 'status', `deployment/${app}`, '-n', 'whisper-acme', '--timeout=100s');
        await kubectl('wait', '--for=condition=Ready', 'wt/acme', '--timeout=100s');
      });

      describeChange(
        () => cluster,
        () => enter('acme'),
      );

      it('shows itself to the machine it runs on, as the demo tells a person', async () => {
        const doors = await openDoors(cluster);
        const text = await demoText(cluster, doors);
        const [, kubeconfig = ''] = /KUBECONFIG=(\S+)/.exec(text) ?? [];
        const [, program = ''] = /^ +(\S*kubectl) get whispertenants$/m.exec(text) ?? [];
        const links = text.match(/http:\S+#\S+/g) ?? [];

        const { stdout } = await promisify(execFile)(program, ['get', 'whispertenants', '-o', 'name'], {
          env: { KUBECONFIG: kubeconfig, HOME: cluster.node.place.path('home') },
        });
        expect(
          stdout
            .trim()
            .split('\n')
            .map((name) => name.split('/')[1]),
        ).toEqual(['acme', 'globex']);
        expect(links.map((link) => new URL(link).origin)).toEqual([cluster.chatUrl('acme'), cluster.chatUrl('globex')]);
        for (const link of links) expect(await statusOutside(link)).toBe(200);

        doors.close();
        await expect(statusOutside(cluster.chatUrl('acme'))).rejects.toThrow('ECONNREFUSED');
      });
    }),
  ),
);

/** Asks from outside of the node's network, where names of tenants mean this machine. */
function statusOutside(address: string): Promise<number> {
  const { host, port, pathname } = new URL(address);
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: pathname, headers: { host }, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    }).on('error', reject);
  });
}

/** Waits until a page shows so many whole answers. */
async function answered(page: Page, count: number): Promise<void> {
  await page
    .locator('[data-testid=answer][data-status=complete]')
    .nth(count - 1)
    .waitFor();
}

/** Chromium that runs inside the node's network. */
function inNetwork({ node }: WholeCluster, executablePath: string): string {
  const script = node.place.path('chromium');
  writeFileSync(script, `#!/bin/sh\nexec ${node.inNetwork(executablePath).join(' ')} "$@"\n`);
  chmodSync(script, 0o755);
  return script;
}

/** What a pod of acme can and can not open. */
function describeReach(cluster: () => WholeCluster): void {
  const connect = async (host: string, port: number) => {
    const args = ['exec', '-n', ...acmeChat, '--', 'node', '-e', connectScript, host, String(port)];
    return (await cluster().node.kube.kubectl(...args)).trim();
  };
  const ownShard = async () => {
    const script = 'console.log(new URL(process.env.DATABASE_URL).hostname.split(".")[0])';
    return (await cluster().node.kube.kubectl('exec', '-n', ...acmeChat, '--', 'node', '-e', script)).trim();
  };

  it('lets the pods of acme reach their own shard, Redis and router', async () => {
    const shard = await ownShard();

    expect(shard).toMatch(/^shard-(one|two)$/);
    expect(await connect(`${shard}.${shard}.svc.cluster.local`, 5432)).toBe('open');
    expect(await connect('redis.redis.svc.cluster.local', 6379)).toBe('open');
    expect(await connect('router', 4781)).toBe('open');
  });

  it('keeps them from the control database, the other shard, globex, the operator and the API server', async () => {
    const other = (await ownShard()) === 'shard-one' ? 'shard-two' : 'shard-one';
    for (const [host, port] of [
      ['control.control.svc.cluster.local', 5432],
      [`${other}.${other}.svc.cluster.local`, 5432],
      [`whisper-operator.${home}.svc.cluster.local`, 8080],
      // The apps that serve globex.
      [`whisper-chat.${home}.svc.cluster.local`, 4780],
      [`whisper-router.${home}.svc.cluster.local`, 4781],
      ['kubernetes.default.svc.cluster.local', 443],
    ] as const)
      expect({ host, answer: await connect(host, port) }).toEqual({ host, answer: refused });
  });

  it('gives them no Redis key but their own', async () => {
    const script = `const { Redis } = require('ioredis');
      const redis = new Redis(process.env.REDIS_URL);
      redis.set('t_somebody_else:x', '1').then(() => 'written', (error) => error.message)
        .then((word) => { console.log(word); process.exit(0); });`;

    const word = await cluster().node.kube.kubectl('exec', '-n', ...acmeChat, '--', 'node', '-e', script);

    expect(word).toContain('NOPERM');
  });

  it('gives them no schema of their shard but their own', async () => {
    const script = `const pg = require('pg');
      const own = JSON.parse(require('node:fs').readFileSync(process.env.WHISPER_TENANT_FILE, 'utf8')).schema;
      const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
      client.connect()
        .then(() => client.query("select nspname as n from pg_namespace where nspname like 't\\\\_%' and has_schema_privilege(nspname, 'usage')"))
        .then(({ rows }) => console.log(JSON.stringify(rows.map(({ n }) => n)) === JSON.stringify([own]) ? 'own only' : JSON.stringify(rows)))
        .finally(() => process.exit(0));`;

    const word = await cluster().node.kube.kubectl('exec', '-n', ...acmeChat, '--', 'node', '-e', script);

    expect(word.trim()).toBe('own only');
  });
}

/** How the pods of acme prove themselves to each other. */
function describeIdentity(cluster: () => WholeCluster): void {
  const kubectl = (...args: readonly string[]) => cluster().node.kube.kubectl(...args);
  const inPod = async (app: string, script: string, ...args: readonly string[]) =>
    (await kubectl('exec', '-n', 'whisper-acme', `deployment/${app}`, '--', 'node', '-e', script, ...args)).trim();
  const audience = '--audience=whisper-tokens';
  const tokenOf = async (account: string, ...flags: readonly string[]) =>
    (await kubectl('create', 'token', account, ...flags)).trim();
  const podOf = async (namespace: string, component: string) => {
    const path = ['-l', `app.kubernetes.io/component=${component}`, '-o', 'jsonpath={.items[0].metadata.name}'];
    return ['--bound-object-kind=Pod', `--bound-object-name=${await kubectl('get', 'pods', '-n', namespace, ...path)}`];
  };

  it.each([
    ['chat', 'none'],
    ['admin', 'none'],
    ['router', '/etc/whisper/keys/service-keys.json'],
  ])('leaves %s with these private keys of service tokens: %s', async (app, keys) => {
    expect(await inPod(app, privateKeysScript)).toBe(keys);
  });

  it('gives a pod a service token for the token that its node put there', async () => {
    expect(await inPod('chat', exchangeScript)).toBe('200');
    expect(await inPod('admin', exchangeScript)).toBe('200');
  });

  it.each<[string, number, () => Promise<string>]>([
    [
      'of the pod, made for the router',
      200,
      async () => tokenOf('chat', '-n', 'whisper-acme', audience, ...(await podOf('whisper-acme', 'chat'))),
    ],
    [
      'of the pod, made for the API server',
      401,
      async () => tokenOf('chat', '-n', 'whisper-acme', ...(await podOf('whisper-acme', 'chat'))),
    ],
    ['of no pod', 401, () => tokenOf('chat', '-n', 'whisper-acme', audience)],
    [
      'of the router’s account',
      401,
      async () => tokenOf('router', '-n', 'whisper-acme', audience, ...(await podOf('whisper-acme', 'router'))),
    ],
    [
      'of the shared chat',
      401,
      async () => tokenOf('whisper-chat', '-n', home, audience, ...(await podOf(home, 'chat'))),
    ],
  ])('answers a token %s with %i', async (_case, status, make) => {
    expect(await inPod('chat', exchangeScript, await make())).toBe(String(status));
  });
}

/** Opens so many further sockets of whoever is signed in, and keeps them for as long as the page is there. */
const openSockets = `(async (count) => {
  window.kept = Array.from({ length: count }, () => new WebSocket('ws://' + location.host + '/rt', 'whisper.v1'));
  await Promise.all(window.kept.map((socket) => new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error('a socket was refused'));
  })));
})`;

interface Pods {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly deletionTimestamp?: string } }[];
}

/** What an autoscaler, a rollout and the end of programs do while people use acme. */
function describeChange(cluster: () => WholeCluster, enter: () => Promise<Page>): void {
  const kubectl = (...args: readonly string[]) => cluster().node.kube.kubectl(...args);
  const inAcme = ['-n', 'whisper-acme'];
  const hasPods = (count: number, ms: number) =>
    until(async () => {
      const path = 'jsonpath={.spec.replicas} {.status.readyReplicas}';
      return (await kubectl('get', 'deployment', 'chat', ...inAcme, '-o', path)) === `${count} ${count}`;
    }, ms);
  const podsOf = async (app: string) => {
    const selector = `app.kubernetes.io/component=${app}`;
    return (JSON.parse(await kubectl('get', 'pods', ...inAcme, '-l', selector, '-o', 'json')) as Pods).items;
  };

  /** Changes acme's manifest, and waits until all of it is so. */
  const change = async (spec: object) => {
    const patch = ['patch', 'wt', 'acme', '--type=merge', '-p', JSON.stringify({ spec })];
    await until(() => kubectl(...patch).then(Boolean, () => false), waitMs);
    const generation = await kubectl('get', 'wt', 'acme', '-o', 'jsonpath={.metadata.generation}');
    await kubectl('wait', `--for=jsonpath={.status.observedGeneration}=${generation}`, 'wt/acme', '--timeout=120s');
    for (const app of ['chat', 'router', 'admin'])
      await kubectl('rollout', 'status', `deployment/${app}`, ...inAcme, '--timeout=120s');
    await kubectl('wait', '--for=condition=Ready', 'wt/acme', 'wt/globex', '--timeout=120s');
  };

  it('scales the chat from one pod to three by the sockets that people hold open', async () => {
    const autoscaling = { chat: { min: 1, max: 3, targetCpu: 100, targetSockets: 10 } };
    await change({ autoscaling });
    await hasPods(1, waitMs);
    const page = await enter();
    const begun = performance.now();
    await page.evaluate(`${openSockets}(${socketsOpened})`);

    await hasPods(3, waitMs);

    const seconds = Math.round((performance.now() - begun) / 1000);
    console.info(`whole cluster: three chat pods serve ${seconds} s after the sockets were open`);
    const reason = 'jsonpath={.status.conditions[?(@.type=="ScalingActive")].message}';
    await until(
      async () =>
        (await kubectl('get', 'hpa', 'chat', ...inAcme, '-o', reason)).includes(
          'pods metric whisper_chat_open_sockets',
        ),
      waitMs,
    );
    await hasPods(3, waitMs);
    expect(await kubectl('get', 'wt', 'acme', '-o', 'jsonpath={.status.drift}')).toBe('');
    await page.context().close();
  });

  it('loses nothing of an answer that streams during a rolling restart', async () => {
    const page = await enter();
    page.setDefaultTimeout(waitMs);
    await say(page, 'How does it work?');
    const whole = await (await ended(page)).innerText();
    const before = [...(await podsOf('chat')), ...(await podsOf('router'))].map(({ metadata }) => metadata.name);
    await say(page, '!slow How does it work?');
    const answer = page.getByTestId('answer').last();
    await until(
      async () => (await page.getByTestId('answer').count()) === 2 && (await answer.innerText()).length > 60,
      waitMs,
    );

    await kubectl('rollout', 'restart', 'deployment/chat', 'deployment/router', ...inAcme);
    for (const app of ['chat', 'router'])
      await kubectl('rollout', 'status', `deployment/${app}`, ...inAcme, '--timeout=120s');
    await answered(page, 2);

    expect(await answer.innerText()).toBe(whole);
    // Those that wrote it end by themselves, long before they would be killed.
    await until(async () => {
      const now = [...(await podsOf('chat')), ...(await podsOf('router'))].map(({ metadata }) => metadata.name);
      return now.every((name) => !before.includes(name));
    }, 60_000);
    await page.context().close();
  });

  it('finds every tenant Ready, and serves, after each program of the node was killed and started again', async () => {
    for (const program of nodeProgramNames) await cluster().node.kill(program);
    await until(
      () =>
        kubectl('get', '--raw', '/readyz').then(
          (text) => text === 'ok',
          () => false,
        ),
      waitMs,
    );

    await change({ branding: { greeting: 'And we are back' } });

    const page = await enter();
    await say(page, 'Are you there?');
    expect((await (await ended(page)).innerText()).length).toBeGreaterThan(40);
    await page.context().close();
  });

  it('takes the chat back to one pod when the sockets are gone', async () => {
    await hasPods(1, 150_000);

    await kubectl('wait', '--for=condition=Ready', 'wt/acme', '--timeout=100s');
  });
}
