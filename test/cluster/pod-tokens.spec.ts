import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import { routerAudience } from '#libs/contracts/router-api.js';
import { TokenClient } from '#libs/contracts/token-exchange.js';
import { ExchangeToken } from '#libs/identity/app/exchange-token.js';
import { type ExchangeRefusal, ExchangeTelemetry } from '#libs/identity/ports/exchange-telemetry.js';
import { SystemClock } from '#libs/kernel/clock.js';
import { FollowedFile } from '#libs/kernel/followed-file.js';
import { readClusterKeys } from '#libs/signin/cluster-keys.js';
import { MountedKeys, readServiceKeys } from '#libs/signin/mounted-keys.js';
import { ServiceAccountVerifier } from '#libs/signin/service-account-verifier.js';
import { JwtServiceTokenSigner, JwtServiceTokenVerifier, localKeys } from '#libs/signin/service-tokens.js';
import { memoryTenant, MemoryTenants } from '#test/fakes/memory-tenants.js';
import { mount } from '../support/cluster-mounts.js';
import { kubernetes, redisServer } from '../support/component-list.js';
import { describeWith } from '../support/components.js';
import { until } from '../support/until.js';
import { OperatedCluster, tenant } from './operated-cluster.js';

const inAcme = ['-n', 'whisper-acme'];
/** The operator looks each minute. */
const followMs = 100_000;

class Reasons extends ExchangeTelemetry {
  last: ExchangeRefusal | 'given' | null = null;
  override given(): void {
    this.last = 'given';
  }
  override refused(reason: ExchangeRefusal): void {
    this.last = reason;
  }
}

describeWith(kubernetes, 'tokens of pods from a real API server', (programs) => {
  describeWith(redisServer, 'with Redis', (redis) => {
    let cluster: OperatedCluster;
    let pods: readonly string[];
    beforeAll(async () => {
      cluster = await OperatedCluster.start({ programs, redis });
      await cluster.apply(tenant('acme'));
      await cluster.wait('wt/acme', 'Ready');
      const names = await kubectl('get', 'pods', ...inAcme, '-o', 'name');
      pods = names
        .trim()
        .split('\n')
        .map((name) => name.replace('pod/', ''));
    }, 240_000);
    afterAll(() => cluster.close());

    const kubectl = (...args: string[]) => cluster.kube.kubectl(...args);
    const mounted = async (key: string) => {
      const { data } = await cluster.get<{ data: Record<string, string> }>('secret', 'keys', ...inAcme);
      return Buffer.from(data[key] ?? '', 'base64').toString();
    };
    const podOf = (app: string) => pods.find((name) => name.startsWith(`${app}-`)) ?? '';
    const request = async (account: string, ...flags: readonly string[]) =>
      (await kubectl('create', 'token', account, ...inAcme, ...flags)).trim();
    const boundTo = (pod: string) => ['--bound-object-kind=Pod', `--bound-object-name=${pod}`];
    const forRouter = '--audience=whisper-tokens';

    /** The router's side, over what the operator wrote for it. */
    const exchangeWith = async (podToken: string) => {
      const clock = new SystemClock();
      const keys = readClusterKeys(await mounted('cluster-keys.json'));
      const folder = await mount({ keys: await mounted('service-keys.json') });
      const file = await FollowedFile.open({
        path: join(folder, 'keys'),
        parse: readServiceKeys,
        report: () => undefined,
      });
      cluster.folders.push(folder);
      file.close();
      const signing = new MountedKeys(file);
      const directory = new MemoryTenants();
      const acme = directory.add(memoryTenant('acme'));
      const telemetry = new Reasons();
      const exchange = new ExchangeToken({
        pods: new ServiceAccountVerifier(() => keys, clock),
        clients: [TokenClient.parse('chat=whisper-acme/chat'), TokenClient.parse('admin=whisper-acme/admin')],
        directory,
        signer: new JwtServiceTokenSigner(signing, clock),
        telemetry,
        clock,
      });
      const given = await exchange
        .exchange(podToken, { audience: routerAudience, tenant: acme.id, epoch: 1, actor: null })
        .catch(() => null);
      if (given === null) return telemetry.last;
      const verifier = new JwtServiceTokenVerifier(localKeys(signing), directory, clock);
      return (await verifier.verify(given.token, routerAudience)).service;
    };

    it.each(['chat', 'admin'])(
      'are exchanged for those of the app %s, by the keys that the operator copied',
      async (app) => {
        expect(await exchangeWith(await request(app, forRouter, ...boundTo(podOf(app))))).toBe(app);
      },
    );

    it.each<[string, ExchangeRefusal, () => Promise<string>]>([
      ['for the API server', 'audience', () => request('chat', ...boundTo(podOf('chat')))],
      ['of no pod', 'unbound', () => request('chat', forRouter)],
      ['of the router', 'account', () => request('router', forRouter, ...boundTo(podOf('router')))],
      ['of another namespace', 'account', () => elsewhere()],
    ])('are refused %s', async (_case, reason, make) => {
      expect(await exchangeWith(await make())).toBe(reason);
    });

    it('are asked for by chat and admin in the very form that the API server takes', async () => {
      const volumes = JSON.parse(
        await kubectl('get', 'pod', podOf('chat'), ...inAcme, '-o', 'jsonpath={.spec.volumes[?(@.name=="identity")]}'),
      ) as object;

      expect(volumes).toMatchObject({
        projected: {
          sources: [{ serviceAccountToken: { audience: 'whisper-tokens', expirationSeconds: 600, path: 'token' } }],
        },
      });
      const router = await kubectl('get', 'pod', podOf('router'), ...inAcme, '-o', 'jsonpath={.spec.volumes[*].name}');
      expect(router.split(' ')).toEqual(expect.arrayContaining(['keys']));
      expect(router).not.toContain('identity');
    });

    it('are exchanged by the next key of the API server, which the operator brings to the router', async () => {
      const before = await request('chat', forRouter, ...boundTo(podOf('chat')));
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const file = (name: string, text: string | Buffer) => {
        const path = join(cluster.plane.folder, name);
        writeFileSync(path, text, { mode: 0o600 });
        return path;
      };
      const signing = file('next.key', privateKey.export({ type: 'pkcs8', format: 'pem' }));
      const believed = file('next.pub', publicKey.export({ type: 'spki', format: 'pem' }));
      await cluster.plane.killApiServer();
      await cluster.plane.startApiServer([
        `--service-account-signing-key-file=${signing}`,
        `--service-account-key-file=${believed}`,
      ]);
      const after = await until(() => request('chat', forRouter, ...boundTo(podOf('chat'))).catch(() => null), 30_000);
      const kidOf = (token: string) => String(decodeProtectedHeader(token).kid);
      expect(kidOf(after)).not.toBe(kidOf(before));

      await until(async () => (await mounted('cluster-keys.json')).includes(kidOf(after)), followMs);

      expect(await exchangeWith(after)).toBe('chat');
      expect(await exchangeWith(before)).toBe('chat');
    }, 240_000);

    const elsewhere = async () => {
      await kubectl('create', 'serviceaccount', 'chat', '-n', 'default');
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'chat-x', namespace: 'default' } };
      await cluster.apply({ ...pod, spec: { serviceAccountName: 'chat', containers: [{ name: 'c', image: 'x' }] } });
      return (await kubectl('create', 'token', 'chat', '-n', 'default', forRouter, ...boundTo('chat-x'))).trim();
    };
  });
});
