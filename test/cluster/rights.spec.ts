import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clusterRules, namespaceRules, writtenKinds } from '#operator/resources/rbac.js';
import { kubernetes, redisServer } from '../support/component-list.js';
import { describeWith } from '../support/components.js';
import { until } from '../support/until.js';
import { manifest, OperatedCluster, platform, tenant } from './operated-cluster.js';
import { home, operatorUser } from './operator-account.js';
import { optionalKinds } from './optional-kinds.js';
import { rightsOf, usedRights } from './used-rights.js';

const space = 'whisper-acme';
const ours = { 'app.kubernetes.io/managed-by': 'whisper-operator', 'whisperengine.ai/tenant': 'acme' };
const pod = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'none' }] } };

/** One object of each kind that an older version might have made, and no tenant asks for: version, and body. */
const strays: Readonly<Record<string, readonly [apiVersion: string, body: object]>> = {
  Namespace: ['v1', {}],
  ResourceQuota: ['v1', { spec: { hard: { pods: '99' } } }],
  LimitRange: ['v1', { spec: { limits: [] } }],
  ServiceAccount: ['v1', {}],
  Secret: ['v1', {}],
  ConfigMap: ['v1', {}],
  Service: ['v1', { spec: { ports: [{ port: 80 }], selector: { a: 'b' } } }],
  NetworkPolicy: ['networking.k8s.io/v1', { spec: { podSelector: {} } }],
  Ingress: ['networking.k8s.io/v1', { spec: { defaultBackend: { service: { name: 'x', port: { number: 80 } } } } }],
  HTTPRoute: ['gateway.networking.k8s.io/v1', { spec: {} }],
  Deployment: ['apps/v1', { spec: { replicas: 0, selector: { matchLabels: { a: 'b' } }, template: pod } }],
  PodDisruptionBudget: ['policy/v1', { spec: { selector: { matchLabels: { a: 'b' } } } }],
  HorizontalPodAutoscaler: [
    'autoscaling/v2',
    { spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' }, maxReplicas: 1 } },
  ],
  ServiceMonitor: ['monitoring.coreos.com/v1', { spec: {} }],
};

/** As kubectl names the kind. */
const typeOf = (kind: string) => {
  const { group, name } = writtenKinds[kind] ?? { group: '', name: kind };
  return group === '' ? name : `${name}.${group}`;
};

// The cases go on from one another, up to what the audit log tells of all of them.
describeWith(kubernetes, 'the rights of the operator, under its own account', (programs) => {
  describeWith(redisServer, 'with Redis', (redis) => {
    let cluster: OperatedCluster;
    beforeAll(async () => {
      const before = optionalKinds();
      cluster = await OperatedCluster.start({ programs, redis, isAudited: true, hasPolicies: true, before });
      await cluster.wait('dbs/main', 'Ready');
      await cluster.apply(
        manifest('ModelBackend', 'demo', { provider: 'demo' }),
        tenant('acme', { models: { backends: [{ ref: 'demo' }] } }),
        tenant('globex', { isolation: 'pooled' }),
      );
      await cluster.wait('wt/acme', 'Ready');
      await cluster.wait('wt/globex', 'Ready');
    }, 240_000);
    afterAll(() => cluster?.close());

    const kubectl = (...args: string[]) => cluster.kube.kubectl(...args);
    const placeOf = (kind: string) => (kind === 'Namespace' ? [] : [`--namespace=${space}`]);
    /** Changes a label of ours, and waits until it is put right. */
    const disturb = async (kind: string) => {
      const selector = '--selector=whisperengine.ai/tenant=acme';
      const path = '--output=jsonpath={.items[0].metadata.name}';
      const name = await kubectl('get', typeOf(kind), ...placeOf(kind), selector, path);
      const label = () => kubectl('get', typeOf(kind), name, ...placeOf(kind), '--output=jsonpath={.metadata.labels}');
      const before = await label();
      await kubectl('label', '--overwrite', typeOf(kind), name, ...placeOf(kind), 'app.kubernetes.io/version=other');
      await until(async () => (await label()) === before, 20_000);
    };
    const ingressKinds = Object.keys(writtenKinds).filter((kind) => kind !== 'HTTPRoute');

    describe('are enough to put right', () => {
      it.each(ingressKinds)('a %s that somebody changed', disturb);
    });

    describe('are enough to clear away', () => {
      it.each(Object.keys(writtenKinds))('a %s that an older version left', async (kind) => {
        const [apiVersion = '', body = {}] = strays[kind] ?? [];
        const name = kind === 'Namespace' ? 'whisper-acme-old' : 'left-over';
        const namespace = kind === 'Namespace' ? {} : { namespace: space };
        await cluster.apply({ apiVersion, kind, metadata: { name, ...namespace, labels: ours }, ...body });

        await until(
          async () => !(await kubectl('get', typeOf(kind), ...placeOf(kind), '--output=name')).includes(`/${name}`),
          20_000,
        );
      });
    });

    it('are enough to go from Ingresses to the routes of a Gateway', async () => {
      const gateway = { type: 'gateway', gateway: { name: 'front', namespace: 'gateways' } };
      await cluster.apply(platform({ ingress: gateway }));

      await until(
        async () => (await kubectl('get', 'httproutes', `--namespace=${space}`, '--output=name')).includes('admin'),
        20_000,
      );
      expect(await kubectl('get', 'ingresses', `--namespace=${space}`, '--output=name')).toBe('');
      await disturb('HTTPRoute');
      await disturb('HTTPRoute');
    }, 60_000);

    it('are enough where the API server gives lists page by page', async () => {
      await cluster.stopOperator();
      await cluster.plane.killApiServer();
      await cluster.plane.startApiServer(['--feature-gates=WatchList=false']);
      await cluster.startOperator();

      await cluster.apply(tenant('late', { isolation: 'pooled' }));
      await cluster.wait('wt/late', 'Ready');
    }, 120_000);

    it('are enough to take a tenant, a backend and a shard apart', async () => {
      await kubectl('delete', 'wt', 'acme', 'globex', 'late', '--timeout=100s');
      await kubectl('delete', 'modelbackend', 'demo', '--timeout=20s');
      await cluster.addShard('short');
      await cluster.wait('dbs/short', 'Ready');
      await kubectl('delete', 'dbs', 'short', '--timeout=60s');
    }, 240_000);

    it('were all used, and none was missing', async () => {
      const { used, refused } = await usedRights(cluster.plane.folder, operatorUser);

      expect(refused).toEqual([]);
      const unused = rightsOf([...clusterRules, ...namespaceRules]).filter((right) => !used.has(right));
      // Asked for by an admission plugin, which writes no line of its own.
      expect(unused.filter((right) => !right.endsWith('/finalizers'))).toEqual([]);
    });

    it('name owners that block a deletion, which takes a right of its own', async () => {
      const uid = await kubectl('get', 'wp', 'whisper', '--output=jsonpath={.metadata.uid}');
      await cluster.apply({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'lesser' },
        rules: clusterRules.filter(({ resources }) => !resources.some((name) => name.endsWith('/finalizers'))),
      });
      await kubectl('create', 'serviceaccount', 'lesser', `--namespace=${home}`);
      await kubectl(
        'create',
        'clusterrolebinding',
        'lesser',
        '--clusterrole=lesser',
        `--serviceaccount=${home}:lesser`,
      );
      const owner = { apiVersion: 'whisperengine.ai/v1alpha1', kind: 'WhisperPlatform', name: 'whisper', uid };
      const metadata = { name: 'owned', namespace: home, ownerReferences: [{ ...owner, blockOwnerDeletion: true }] };
      const object = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
      const as = (account: string) =>
        cluster.kube.applyText(object, `--as=system:serviceaccount:${home}:${account}`, '--dry-run=server').then(
          () => '',
          (error: unknown) => String(error),
        );

      expect(await as('lesser')).toContain('cannot set blockOwnerDeletion');
      expect(await as('whisper-operator')).toBe('');
    });
  });
});
