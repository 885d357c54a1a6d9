import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { pause } from '#libs/kernel/abort.js';
import { kubernetes, redisServer } from '../support/component-list.js';
import { describeWith } from '../support/components.js';
import { until } from '../support/until.js';
import { OperatedCluster, tenant } from './operated-cluster.js';

/** As long as an upgrade of a lone API server takes. */
const awayMs = 60_000;
/** Moments of the work on a crowd of tenants at which its operator is killed, in ms from when they were applied. */
const moments = [0, 300, 800, 2_000];
const leaseSeconds = 4;

/** Every kind that a tenant has objects of. */
const kinds =
  'namespaces,resourcequotas,limitranges,serviceaccounts,secrets,configmaps,services,networkpolicies,ingresses,deployments,poddisruptionbudgets,horizontalpodautoscalers';

interface Listed {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly finalizers?: readonly string[] };
    readonly status?: { readonly schema?: string; readonly phase?: string; readonly children?: { desired: number } };
  }[];
}

describeWith(kubernetes, 'nothing is lost and nothing is double', (programs) => {
  describeWith(redisServer, 'with Redis', (redis) => {
    let cluster: OperatedCluster;
    let shardUrl: string;
    beforeAll(async () => {
      cluster = await OperatedCluster.start({ programs, redis, leaseSeconds });
      await cluster.stopOperator();
      shardUrl = await cluster.addShard('other');
      await cluster.kube.kubectl('delete', 'dbs', 'main', '--wait=false');
      await cluster.startOperator(true);
      await cluster.wait('dbs/other', 'Ready');
    }, 240_000);
    afterAll(() => cluster?.close());

    const kubectl = (...args: string[]) => cluster.kube.kubectl(...args);
    const onShard = async (text: string) => {
      const client = new pg.Client({ connectionString: shardUrl });
      await client.connect();
      const { rows } = await client.query<{ name: string }>(text);
      await client.end();
      return rows.map(({ name }) => name).sort();
    };
    const listed = async () => (await cluster.get<Listed>('wt')).items;
    const areReady = (names: readonly string[]) => async () => {
      const ready = new Set(
        (await listed()).flatMap((one) => (one.status?.phase === 'Ready' ? [one.metadata.name] : [])),
      );
      const areAll = names.every((name) => ready.has(name));
      // Each look costs as much as a tenant.
      if (!areAll) await pause(250);
      return areAll;
    };
    /** Waits until all of them are Ready, and names those that are not, with what they say. */
    const becomeReady = async (names: readonly string[], timeoutMs: number): Promise<void> => {
      await until(areReady(names), timeoutMs).catch(async () => {
        const late = (await listed()).filter(
          (one) => names.includes(one.metadata.name) && one.status?.phase !== 'Ready',
        );
        throw new Error(`not Ready: ${JSON.stringify(late.map(({ metadata, status }) => [metadata.name, status]))}`);
      });
    };
    /** Names of `count` tenants, of which the first two have workloads of their own. */
    const crowd = async (prefix: string, count: number) => {
      const names = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
      await cluster.apply(...names.map((name, index) => tenant(name, index < 2 ? {} : { isolation: 'pooled' })));
      return names;
    };
    /** What there is in the databases and the cluster is what the tenants that are there say, and once. */
    const expectNothingDouble = async () => {
      const tenants = await listed();
      const schemas = tenants.map(({ status }) => status?.schema ?? '').sort();
      expect(new Set(schemas).size).toBe(tenants.length);
      expect(
        await onShard(
          `select nspname as name from pg_namespace where nspname like 't\\_%' and nspname not like '%probe00_'`,
        ),
      ).toEqual(schemas);
      expect(
        await onShard(`select rolname as name from pg_roles where rolname = any(array['${schemas.join("','")}'])`),
      ).toEqual(schemas);
      // The namespace stands for itself, the rest is in it.
      const path = String.raw`--output=jsonpath={range .items[*]}{.metadata.labels.whisperengine\.ai/tenant}{" "}{end}`;
      const owners = (await kubectl('get', kinds, '--all-namespaces', path)).split(' ');
      for (const { metadata, status } of tenants) {
        expect(metadata.finalizers).toEqual(['whisperengine.ai/workloads', 'whisperengine.ai/data']);
        const found = owners.filter((owner) => owner === metadata.name);
        expect([metadata.name, found.length]).toEqual([metadata.name, status?.children?.desired ?? 0]);
      }
    };

    it.each(moments)(
      'when the operator is killed with -9 %d ms into its work',
      async (moment) => {
        const names = await crowd(`at-${moment}`, 8);
        await pause(moment);
        await cluster.operators[0]?.crash();

        await becomeReady(names, 90_000);

        await expectNothingDouble();
      },
      120_000,
    );

    it.each(moments.slice(1, 3))(
      'when it is killed %d ms into taking tenants apart',
      async (moment) => {
        const names = [0, 1, 2, 3].map((index) => `at-${moment}-${index}`);
        await Promise.all(
          names.map((name) =>
            kubectl('patch', 'wt', name, '--type=merge', '--patch={"spec":{"database":{"deletionPolicy":"Delete"}}}'),
          ),
        );
        await kubectl('delete', 'wt', ...names, '--wait=false');
        await pause(moment);
        await cluster.operators[0]?.crash();

        await until(async () => !(await listed()).some(({ metadata }) => names.includes(metadata.name)), 90_000);

        await expectNothingDouble();
      },
      120_000,
    );

    it('when the API server is killed under it, again and again', async () => {
      const names = await crowd('under', 40);
      for (const downMs of [500, 3_000, 1_000]) {
        await pause(1_500);
        await cluster.plane.killApiServer();
        await pause(downMs);
        await cluster.plane.startApiServer();
      }

      await becomeReady(names, 120_000);

      await expectNothingDouble();
    }, 240_000);

    it('when the API server is away for a minute under load', async () => {
      const names = await crowd('minute', 40);
      await pause(1_000);
      await cluster.plane.killApiServer();
      await pause(awayMs);
      await cluster.plane.startApiServer();
      const backAt = performance.now();

      await becomeReady(names.slice(2), 120_000);
      const pooledMs = performance.now() - backAt;
      await becomeReady(names, 180_000);

      console.log(
        `whisper: pooled tenants Ready ${Math.round(pooledMs / 1000)} s, all ${names.length} ${Math.round((performance.now() - backAt) / 1000)} s after the API server came back`,
      );
      await expectNothingDouble();
    }, 300_000);

    it('when leadership moves under load: the standby takes over from a leader killed with -9', async () => {
      for (const round of [0, 1, 2]) {
        const [leader] = cluster.operators;
        const standby = await cluster.startOperator(true);
        await until(async () => (await leader?.isLeader()) === true, 60_000);
        expect(await standby.isLeader()).toBe(false);
        const names = await crowd(`lead-${round}`, 10);
        await pause(300);

        const killedAt = performance.now();
        await leader?.stop('SIGKILL');
        cluster.operators.shift();
        await until(() => standby.isLeader(), 60_000);
        const tookMs = performance.now() - killedAt;
        await becomeReady(names, 60_000);

        console.log(
          `whisper: the standby leads ${Math.round(tookMs)} ms after the kill, with a lease of ${leaseSeconds} s`,
        );
        expect(tookMs).toBeLessThan(leaseSeconds * 1000 * 5);
      }
      const { spec } = await cluster.get<{ spec: { leaseTransitions: number } }>(
        'lease',
        'whisper-operator',
        '--namespace=whisper-system',
      );
      expect(spec.leaseTransitions).toBeGreaterThanOrEqual(3);
      await expectNothingDouble();
    }, 240_000);
  });
});
