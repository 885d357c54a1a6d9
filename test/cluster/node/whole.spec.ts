import { randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../support/browser-platform.js';
import { ended, say } from '../../support/browser-page.js';
import { chromium, redisServer } from '../../support/component-list.js';
import { describeWith } from '../../support/components.js';
import { until } from '../../support/until.js';
import { realNode } from './component.js';
import { connectScript, refused } from './probe-scripts.js';
import { home, WholeCluster } from './whole-cluster.js';

const startMs = 15 * 60_000;
const stopMs = 60_000;
const waitMs = 90_000;
jest.setTimeout(200_000);

const acmeChat = ['whisper-acme', 'deployment/chat'];
const issuer = 'http://idp.localhost:9400';

// The cases go on from one another, as the first day of a platform does.
describeWith(redisServer, 'the whole product', (redis) =>
  describeWith(chromium, 'in a browser', (executablePath) =>
    describeWith(realNode, 'on a real node', () => {
      let cluster: WholeCluster;
      let browser: Browser;
      let page: Page;
      beforeAll(async () => {
        cluster = await WholeCluster.start(redis, (line) => console.info(`whole cluster: ${line}`));
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
      const enter = async (tenant: string, place: readonly string[]) => {
        const opened = await newPage();
        await opened.goto(await cluster.ownerLink(tenant, place));
        await opened.getByTestId('use-link').click();
        await opened.getByTestId('composer').waitFor();
        return opened;
      };

      it('answers the owner of a tenant that came in by a link', async () => {
        page = await enter('acme', acmeChat);
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

      it('lets people in through an identity provider beside it', async () => {
        const secret = randomBytes(16).toString('hex');
        const redirect = `${cluster.chatUrl('acme')}/api/sign-in/oidc/callback`;
        cluster.runScript('./idp-process.js', [issuer, redirect], { CLIENT_SECRET: secret });
        await cluster.addTenantSecret('acme', 'idp', { value: secret });
        const oidc = {
          issuer,
          clientId: 'whisper',
          clientSecretRef: { name: 'idp' },
          scopes: ['openid', 'email', 'profile', 'groups'],
        };
        const sso = { type: 'oidc', oidc, groupRoleMap: [{ group: 'it', role: 'admin' }] };
        await kubectl('patch', 'wt', 'acme', '--type=merge', '-p', JSON.stringify({ spec: { sso } }));
        await kubectl(
          'wait',
          '--for=jsonpath={.status.conditions[?(@.type=="SSOConfigured")].reason}=Discovered',
          'wt/acme',
          '--timeout=60s',
        );
        await kubectl('rollout', 'status', 'deployment/chat', '-n', 'whisper-acme', '--timeout=120s');
        await kubectl('wait', '--for=condition=Ready', 'wt/acme', '--timeout=120s');

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
        page = await enter('acme', acmeChat);
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
    }),
  ),
);

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

  it('keeps them from the control database, the other shard, the operator and the API server', async () => {
    const other = (await ownShard()) === 'shard-one' ? 'shard-two' : 'shard-one';
    for (const [host, port] of [
      ['control.control.svc.cluster.local', 5432],
      [`${other}.${other}.svc.cluster.local`, 5432],
      [`whisper-operator.${home}.svc.cluster.local`, 8080],
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
