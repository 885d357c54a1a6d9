import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { pause } from '#libs/kernel/abort.js';
import { startAnotherPostgres } from '../support/another-postgres.js';
import { kubernetes, redisServer } from '../support/component-list.js';
import { describeWith } from '../support/components.js';
import { type CuttableProxy, startCuttableProxy } from '../support/cuttable-proxy.js';
import { startOidcIdp, type TestIdp } from '../support/oidc-idp.js';
import { until } from '../support/until.js';
import { OperatedCluster, secret, tenant } from './operated-cluster.js';
import { home } from './operator-account.js';
import { becomes, conditionOf } from './operated-status.js';

/** The operator asks each shard once a minute how it is. */
const inspectedMs = 90_000;
const pooled = { isolation: 'pooled' };

describeWith(kubernetes, 'the operator when something around it breaks', (programs) => {
  describeWith(redisServer, 'with Redis', (redis) => {
    let cluster: OperatedCluster;
    beforeAll(async () => {
      cluster = await OperatedCluster.start({ programs, redis });
      await cluster.wait('dbs/main', 'Ready');
      await cluster.apply(tenant('calm', pooled), tenant('owner'));
      await cluster.wait('wt/calm', 'Ready');
      await cluster.wait('wt/owner', 'Ready');
    }, 240_000);
    afterAll(() => cluster?.close());

    const kubectl = (...args: string[]) => cluster.kube.kubectl(...args);
    const isReady = async (object: string) => (await conditionOf(cluster, object, 'Ready'))?.status === 'True';

    describe('a shard that does not answer', () => {
      let proxy: CuttableProxy;
      let stopPostgres: () => Promise<void>;
      let url: URL;
      beforeAll(async () => {
        const postgres = await startAnotherPostgres();
        stopPostgres = () => postgres.stop();
        url = new URL(postgres.url);
        proxy = await startCuttableProxy(Number(url.port));
        url.port = String(proxy.port);
        await cluster.addShard('frail', { region: 'frail' }, url.href);
        await cluster.wait('dbs/frail', 'Ready');
        await cluster.apply(tenant('unlucky', { ...pooled, region: 'frail' }));
        await cluster.wait('wt/unlucky', 'Ready');
      }, 120_000);
      afterAll(async () => {
        await proxy.close();
        await stopPostgres();
      });

      it('is told of, with its tenants and no others, and is served again when it is back', async () => {
        proxy.setOn(false);

        await becomes(cluster, ['dbs/frail', 'Ready', 'Unreachable'], inspectedMs);
        await becomes(cluster, ['wt/unlucky', 'Ready', 'ShardUnreachable']);
        const { message } = await becomes(cluster, ['wt/unlucky', 'DatabaseReady', 'ShardUnreachable']);
        expect(message).toMatch(/^The shard frail does not answer/);
        expect(await Promise.all(['wt/calm', 'wt/owner', 'dbs/main'].map(isReady))).toEqual([true, true, true]);

        // A new leader knows nothing of the shard but what its object says.
        await cluster.stopOperator();
        await cluster.startOperator();
        await pause(3_000);
        expect((await conditionOf(cluster, 'dbs/frail', 'Ready'))?.reason).toBe('Unreachable');
        expect((await conditionOf(cluster, 'wt/unlucky', 'Ready'))?.reason).toBe('ShardUnreachable');
        expect(await isReady('wt/calm')).toBe(true);

        proxy.setOn(true);

        await cluster.wait('dbs/frail', 'Ready', '90s');
        await cluster.wait('wt/unlucky', 'Ready');
      }, 240_000);

      it('takes no new tenant, which says so and is placed when it is back', async () => {
        await cluster.addShard('spare', { region: 'pair' });
        await cluster.addShard('pale', { region: 'pair', weight: 100 }, url.href);
        await cluster.wait('dbs/spare', 'Ready');
        await cluster.wait('dbs/pale', 'Ready');
        proxy.setOn(false);

        await cluster.apply(tenant('lucky', { ...pooled, region: 'pair' }));
        await cluster.apply(tenant('patient', { ...pooled, region: 'frail' }));

        await cluster.wait('wt/lucky', 'Ready');
        expect((await cluster.get<{ status: { shard: string } }>('wt/lucky')).status.shard).toBe('spare');
        const { message } = await becomes(cluster, ['wt/patient', 'DatabaseReady', 'NoShard'], 30_000);
        expect(message).toContain('frail cannot be reached');
        proxy.setOn(true);
        await cluster.wait('wt/patient', 'Ready', '120s');
      }, 240_000);

      it('whose Secret is wrong says so without the password, and takes tenants when it is put right', async () => {
        const wrong = new URL(await cluster.addShard('mistyped'));
        await cluster.wait('dbs/mistyped', 'Ready');
        const right = wrong.href;
        wrong.password = 'not-this-one';
        wrong.username = 'nobody_of_this_name';
        await cluster.apply(secret('shard-mistyped', { url: wrong.href }));

        const { message } = await becomes(cluster, ['dbs/mistyped', 'Ready', 'NotPrepared'], 30_000);
        expect(message).toContain('nobody_of_this_name');
        expect(message).not.toContain('not-this-one');

        await cluster.apply(secret('shard-mistyped', { url: right }));
        await cluster.wait('dbs/mistyped', 'Ready');
        await kubectl('delete', 'secret', 'shard-mistyped', `--namespace=${home}`);
        expect((await becomes(cluster, ['dbs/mistyped', 'Ready', 'SecretMissing'])).message).toContain(
          'there is no Secret "shard-mistyped" with the key "url"',
        );
      }, 120_000);
    });

    it('gives tenants their logins again when Redis came back empty', async () => {
      const { status } = await cluster.get<{ status: { schema: string } }>('wt', 'owner');
      await cluster.restartRedis();

      const client = new Redis(cluster.redisUrl);
      const users = () => client.call('ACL', 'USERS') as Promise<string[]>;
      try {
        // The tenant's own, and the one of the shared apps.
        await until(async () => (await users()).includes(status.schema) && (await users()).length === 3, 30_000);
      } finally {
        client.disconnect();
      }
    });

    describe('an identity provider', () => {
      let idp: TestIdp;
      beforeAll(async () => {
        idp = await startOidcIdp();
        idp.serve([]);
      });
      afterAll(() => idp.close());
      const oidc = (issuer: string) => ({ sso: { type: 'oidc', oidc: { issuer, clientId: 'whisper' } } });

      it('that says it is another one is not believed, and is when the manifest names it right', async () => {
        const wrong = idp.issuer.replace('127.0.0.1', 'localhost');
        await cluster.apply(tenant('mistaken', { ...pooled, ...oidc(wrong) }));

        const { message } = await becomes(cluster, ['wt/mistaken', 'Ready', 'IssuerUnusable'], 30_000);
        expect(message).toContain('Check spec.sso.oidc.issuer');

        await cluster.apply(tenant('mistaken', { ...pooled, ...oidc(idp.issuer) }));
        await cluster.wait('wt/mistaken', 'Ready');
      });

      it('that goes away leaves its tenant Ready, and one that never was there does not make one so', async () => {
        await cluster.apply(tenant('signed', { ...pooled, ...oidc(idp.issuer) }));
        await becomes(cluster, ['wt/signed', 'SSOConfigured', 'Discovered'], 30_000);
        await cluster.wait('wt/signed', 'Ready');

        await idp.close();
        // What a provider said is believed for minutes; an operator that starts anew has to ask.
        await cluster.stopOperator();
        await cluster.startOperator();
        await cluster.apply(tenant('wrong', { ...pooled, ...oidc(`${idp.issuer}/nowhere`) }));

        await becomes(cluster, ['wt/signed', 'SSOConfigured', 'IssuerAway'], 30_000);
        await becomes(cluster, ['wt/wrong', 'Ready', 'IssuerUnusable'], 30_000);
        expect(await isReady('wt/signed')).toBe(true);
      }, 120_000);
    });

    it('leaves a namespace alone that somebody else has, and says who may help', async () => {
      await kubectl('create', 'namespace', 'whisper-taken');
      await kubectl('create', 'configmap', 'theirs', '--namespace=whisper-taken');
      await cluster.apply(tenant('taken'));

      const { message } = await becomes(cluster, ['wt/taken', 'NamespaceReady', 'NamespaceTaken'], 30_000);
      expect(message).toMatch(/The namespace whisper-taken is somebody else’s/);
      expect(await kubectl('get', 'all,secrets', '--namespace=whisper-taken', '--output=name')).toBe('');
      await kubectl('delete', 'wt', 'taken', '--timeout=60s');
      await pause(1_000);
      expect(await kubectl('get', 'configmap', 'theirs', '--namespace=whisper-taken', '--output=name')).toContain(
        'theirs',
      );
    }, 120_000);
  });
});
