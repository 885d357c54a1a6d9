import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { evaluate } from '@marcbachmann/cel-js';
import { parse, parseAllDocuments } from 'yaml';
import { PlatformManifest } from '#libs/contracts/platform-spec.js';
import { TenantManifest } from '#libs/contracts/tenant-spec.js';
import { appNames } from '#libs/contracts/workload-settings.js';
import { installRoot, versionOf } from '#libs/platform/install-root.js';
import { scalingMetrics } from '#operator/resources/names.js';
import { podTemplate } from '#operator/resources/pod-template.js';
import { clusterRules, namespaceRules } from '#operator/resources/rbac.js';
import { podTokenAudience } from '#libs/contracts/token-exchange.js';
import { sharedNames } from '#operator/resources/shared-objects.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { describeWith } from '../support/components.js';
import { renderInput } from '../support/render-input.js';
import { helm, runHelm } from './helm.js';

const root = installRoot();
const chart = join(root, 'charts/whisper');
const kinds = join(root, 'charts/whisper-crds');
const digest = `sha256:${'0'.repeat(64)}`;
const gateway = { name: 'public', namespace: 'gateways' };

const matrix: Readonly<Record<string, object>> = {
  'the defaults': {},
  'another registry, a digest and pull secrets': {
    image: { registry: 'registry.example', digest, pullSecrets: ['registry'] },
  },
  'an Ingress and everything about the platform': {
    platform: {
      version: '1.2.3',
      publicUrl: 'https://chat.example',
      trustedProxies: ['10.0.0.0/8', 'fd00::/8'],
      ingress: { type: 'ingress', className: 'nginx', namespace: 'ingress', clusterIssuer: 'ca' },
      monitoring: { namespace: 'monitoring', labels: [{ name: 'release', value: 'prometheus' }] },
      otlpEndpoint: 'http://collector:4318',
      quotas: { cpu: '4' },
      autoscaling: { chat: { min: 2 } },
      resources: { admin: { limits: { memory: '1Gi' } } },
      rollout: { soakSeconds: 10 },
    },
  },
  'a Gateway and no shared apps': {
    shared: { enabled: false },
    platform: { ingress: { type: 'gateway', gateway } },
  },
  'a platform of one’s own, no policies, no Redis, one replica': {
    platform: { create: false },
    policies: { enabled: false },
    redis: { existingSecret: '' },
    operator: { replicas: 1 },
  },
  'example tenants, snapshots and placement': {
    exampleTenants: { enabled: true },
    snapshots: { existingClaim: 'exports' },
    operator: {
      nodeSelector: { pool: 'system' },
      tolerations: [{ key: 'system', operator: 'Exists' }],
      podAnnotations: { note: 'x' },
    },
    shared: { nodeSelector: { pool: 'apps' }, tolerations: [{ operator: 'Exists' }], podAnnotations: { note: 'y' } },
  },
};

const clusterKinds = new Set([
  'ClusterRole',
  'ClusterRoleBinding',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'WhisperPlatform',
  'WhisperTenant',
]);

interface Container {
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly [field: string]: unknown;
}

interface PodSpec {
  readonly containers: readonly Container[];
  readonly volumes: readonly object[];
  readonly [field: string]: unknown;
}

const podOf = ({ spec }: KubeObject) => (spec as { template: { spec: PodSpec } }).template.spec;
const containerOf = (object: KubeObject) => {
  const [container] = podOf(object).containers;
  if (container === undefined) throw new Error(`${object.metadata.name} has no container`);
  return container;
};

describeWith(helm, 'the charts', (program) => {
  const render = async (values: object, folder = chart, ...more: readonly string[]) => {
    const args = ['template', 'whisper', folder, '--namespace', 'whisper-system', ...more];
    const answer = await runHelm(program, args, { values });
    if (!answer.ok) throw new Error(answer.stderr);
    return parseAllDocuments(answer.stdout)
      .map((document) => document.toJS() as KubeObject | null)
      .filter((object) => object !== null);
  };
  const find = (objects: readonly KubeObject[], kind: string, name: string) => {
    const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
    if (found === undefined) throw new Error(`no ${kind} ${name}`);
    return found;
  };

  describe.each(Object.entries(matrix))('with %s', (_title, values) => {
    let objects: readonly KubeObject[];
    beforeAll(async () => {
      objects = await render(values);
    });

    it('pass a strict lint', async () => {
      const { ok, stdout, stderr } = await runHelm(program, ['lint', '--strict', '--quiet', chart], { values });

      expect({ ok, said: ok ? '' : stdout + stderr }).toEqual({ ok: true, said: '' });
    });

    it('label every object and put each where it belongs', () => {
      for (const { kind, metadata } of objects) {
        expect(metadata.labels?.['app.kubernetes.io/part-of']).toBe('whisper');
        expect(metadata.namespace).toBe(clusterKinds.has(kind) ? undefined : 'whisper-system');
      }
    });

    it('name no two objects alike', () => {
      const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);

      expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    });

    it('make pods that fit Pod Security restricted, as the renderer does', () => {
      const { spec } = podTemplate('chat', renderInput()) as { spec: PodSpec };
      for (const object of objects.filter(({ kind }) => kind === 'Deployment' || kind === 'Job')) {
        expect(podOf(object)['securityContext']).toEqual(spec['securityContext']);
        expect(containerOf(object)['securityContext']).toEqual(spec.containers[0]?.['securityContext']);
      }
    });

    it('make a platform that its schema accepts', () => {
      const faults = objects
        .filter(({ kind }) => kind === 'WhisperPlatform')
        .map((object) => PlatformManifest.safeParse(object).error?.issues)
        .filter((issues) => issues !== undefined);

      expect(faults).toEqual([]);
    });
  });

  describe('the shared apps', () => {
    let objects: readonly KubeObject[];
    beforeAll(async () => {
      objects = await render({ platform: { publicUrl: 'https://chat.example', trustedProxies: ['10.0.0.0/8'] } });
    });

    it.each(appNames.map((app) => [app]))('run as the renderer runs the %s of a tenant', (app) => {
      const { spec } = podTemplate(app, renderInput()) as { spec: PodSpec };
      const [own] = spec.containers;
      const shared = containerOf(find(objects, 'Deployment', `whisper-${app}`));
      const alike = ['command', 'workingDir', 'ports', 'lifecycle', 'startupProbe', 'readinessProbe', 'livenessProbe'];

      for (const field of alike) expect(shared[field]).toEqual(own?.[field]);
      expect(podOf(find(objects, 'Deployment', `whisper-${app}`))['terminationGracePeriodSeconds']).toBe(
        spec['terminationGracePeriodSeconds'],
      );
    });

    it.each(appNames.map((app) => [app]))('tell the %s the same settings, but for whom it serves', (app) => {
      const platform = { publicUrl: 'https://chat.example', trustedProxies: ['10.0.0.0/8'] };
      const { spec } = podTemplate(app, renderInput({ platform })) as { spec: PodSpec };
      const namesOf = (container: Container | undefined) => new Set(container?.env.map(({ name }) => name));
      const own = namesOf(spec.containers[0]);
      const shared = namesOf(containerOf(find(objects, 'Deployment', `whisper-${app}`)));

      expect([...own].filter((name) => !shared.has(name))).toEqual(['WHISPER_TENANT_FILE', 'WHISPER_BACKENDS_FILE']);
      expect([...shared].filter((name) => !own.has(name))).toEqual(['WHISPER_ISOLATION', 'WHISPER_SHARDS']);
    });

    it('mount what the operator makes for them', () => {
      const mounted = JSON.stringify(podOf(find(objects, 'Deployment', sharedNames.chat)));

      for (const name of [sharedNames.settings, sharedNames.shards, sharedNames.secrets])
        expect(mounted).toContain(`"${name}"`);
    });

    it('mount the private keys of service tokens for the router alone, and a token of their own for the others', () => {
      const volumesOf = (app: string) =>
        JSON.stringify(podOf(find(objects, 'Deployment', `whisper-${app}`))['volumes']);
      const identity = { serviceAccountToken: { audience: podTokenAudience, expirationSeconds: 600, path: 'token' } };

      expect(volumesOf('router')).toContain('"service-keys.json"');
      expect(volumesOf('router')).not.toContain('serviceAccountToken');
      for (const app of ['chat', 'admin']) {
        expect(volumesOf(app)).toContain(JSON.stringify(identity));
        expect(volumesOf(app)).not.toMatch(/service-keys|cluster-keys/);
        expect(podOf(find(objects, 'Deployment', `whisper-${app}`))).toMatchObject({
          serviceAccountName: `whisper-${app}`,
          automountServiceAccountToken: false,
        });
      }
    });

    it('believe the accounts of the release at the router', () => {
      const { env } = containerOf(find(objects, 'Deployment', sharedNames.router));
      const { name, namespace } = find(objects, 'ServiceAccount', sharedNames.chat).metadata;

      expect(env).toContainEqual({
        name: 'WHISPER_TOKEN_CLIENTS',
        value: `chat=${namespace}/${name},admin=${namespace}/${sharedNames.admin}`,
      });
    });

    it('have Services under the names that the routes ask for', () => {
      for (const name of [sharedNames.chat, sharedNames.router, sharedNames.admin])
        expect(find(objects, 'Service', name)['spec']).toMatchObject({
          ports: [
            { name: 'http', port: 4780 },
            { name: 'internal', port: 4781 },
          ],
        });
    });

    it('leave their number to their autoscalers', () => {
      for (const app of appNames) {
        expect(find(objects, 'Deployment', `whisper-${app}`)['spec']).not.toHaveProperty('replicas');
        expect(find(objects, 'HorizontalPodAutoscaler', `whisper-${app}`)['spec']).toMatchObject({
          scaleTargetRef: { name: `whisper-${app}` },
        });
      }
    });
  });

  it('count sockets and calls where somebody serves metrics of our own, and are watched by a Prometheus operator', async () => {
    const has = (name: string) => ['--api-versions', name];
    const apis = [...has('custom.metrics.k8s.io/v1beta2'), ...has('monitoring.coreos.com/v1/ServiceMonitor')];
    const namesOf = (objects: readonly KubeObject[]) =>
      objects
        .filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
        .flatMap(({ spec }) => (spec as { metrics: { pods?: { metric: { name: string } } }[] }).metrics)
        .flatMap(({ pods }) => (pods === undefined ? [] : [pods.metric.name]));

    const rich = await render({}, chart, ...apis);
    const plain = await render({});

    expect(namesOf(rich)).toEqual([scalingMetrics.openSockets, scalingMetrics.runningRequests]);
    expect(namesOf(plain)).toEqual([]);
    expect(find(rich, 'ServiceMonitor', 'whisper')['spec']).toMatchObject({ endpoints: [{ port: 'internal' }] });
    expect(plain.map(({ kind }) => kind)).not.toContain('ServiceMonitor');
  });

  it.each([
    [{}, `whisperengine/whisper:${versionOf(root)}`],
    [{ image: { registry: 'r.example', repository: 'w', tag: 't' } }, 'r.example/w:t'],
    [{ image: { digest } }, `whisperengine/whisper@${digest}`],
    [{ platform: { version: '9.9.9' } }, 'whisperengine/whisper:9.9.9'],
  ])('choose the image by %j', async (values, image) => {
    const objects = await render(values);
    const images = objects.filter(({ kind }) => /^(Deployment|Job)$/.test(kind)).map((one) => containerOf(one).image);

    expect([...new Set(images)]).toEqual([image]);
  });

  it.each([
    ['a misspelt value', { operator: { replica: 3 } }, 'replica'],
    ['a value out of bounds', { operator: { replicas: 0 } }, 'replicas'],
    ['a word that is none of those', { platform: { ingress: { type: 'nginx' } } }, 'type'],
    ['a digest that is none', { image: { digest: 'latest' } }, 'digest'],
  ])('refuse %s by its name', async (_title, values, word) => {
    const { ok, stderr } = await runHelm(program, ['template', 'whisper', chart], { values });

    expect(ok).toBe(false);
    expect(stderr).toContain(word);
  });

  it('give the operator the rights that were worked out, and no other', async () => {
    const objects = await render({});

    expect(find(objects, 'ClusterRole', 'whisper-operator')['rules']).toEqual(clusterRules);
    expect(find(objects, 'Role', 'whisper-operator')['rules']).toEqual(namespaceRules);
    expect(objects.filter(({ kind }) => kind.endsWith('Role')).length).toBe(2);
  });

  it('keep example tenants when the release is gone', async () => {
    const tenants = (await render({ exampleTenants: { enabled: true } })).filter(
      ({ kind }) => kind === 'WhisperTenant',
    );

    expect(tenants.map(({ metadata }) => metadata.name)).toEqual(['acme', 'globex']);
    for (const tenant of tenants) {
      expect(tenant.metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
      expect(TenantManifest.safeParse(tenant).success).toBe(true);
    }
  });

  it('install the kinds as they are generated, and keep them', async () => {
    const made = await render({}, kinds);
    const written = readdirSync(join(root, 'crds')).map(
      (name) => parse(readFileSync(join(root, 'crds', name), 'utf8')) as KubeObject,
    );

    expect(made.map(({ metadata }) => metadata.annotations)).toEqual(
      written.map(() => ({ 'helm.sh/resource-policy': 'keep' })),
    );
    expect(new Map(made.map(({ metadata, spec }) => [metadata.name, spec]))).toEqual(
      new Map(written.map(({ metadata, spec }) => [metadata.name, spec])),
    );
  });

  it('have the version of the platform', () => {
    for (const folder of [chart, kinds])
      expect(parse(readFileSync(join(folder, 'Chart.yaml'), 'utf8'))).toMatchObject({
        version: versionOf(root),
        appVersion: versionOf(root),
      });
  });

  describe('the admission policies', () => {
    const tenant = (spec: object, annotations?: object) => ({
      metadata: { name: 'acme', ...(annotations === undefined ? {} : { annotations }) },
      spec,
    });
    const allowed = { 'whisperengine.ai/allow-isolation-change': 'true' };
    const dedicated = tenant({ isolation: 'dedicated' });
    const ours = { metadata: { labels: { 'app.kubernetes.io/managed-by': 'whisper-operator' } } };
    const theirs = { metadata: { labels: { team: 'x' } } };
    const bare = { metadata: {} };

    it.each<[string, string, object, boolean]>([
      ['deletion-protection', 'a protected tenant', { oldObject: tenant({ deletionProtection: true }) }, false],
      ['deletion-protection', 'an unprotected one', { oldObject: tenant({ deletionProtection: false }) }, true],
      ['isolation-change', 'to pooled', { oldObject: dedicated, object: tenant({ isolation: 'pooled' }) }, false],
      [
        'isolation-change',
        'to pooled on purpose',
        { oldObject: dedicated, object: tenant({ isolation: 'pooled' }, allowed) },
        true,
      ],
      ['isolation-change', 'to dedicated', { oldObject: tenant({ isolation: 'pooled' }), object: dedicated }, true],
      ['operator-at-home', 'at home', { request: { namespace: 'whisper-system' }, namespaceObject: bare }, true],
      ['operator-at-home', 'at a tenant', { request: { namespace: 'whisper-acme' }, namespaceObject: ours }, true],
      ['operator-at-home', 'elsewhere', { request: { namespace: 'kube-system' }, namespaceObject: theirs }, false],
      ['operator-at-home', 'where no label is', { request: { namespace: 'default' }, namespaceObject: bare }, false],
      ['operator-namespaces', 'a new one', { request: { name: 'whisper-acme', operation: 'CREATE' } }, true],
      ['operator-namespaces', 'one of another name', { request: { name: 'acme', operation: 'CREATE' } }, false],
      ['operator-namespaces', 'its own', { request: { name: 'whisper-system', operation: 'CREATE' } }, false],
      [
        'operator-namespaces',
        'one that it made',
        { request: { name: 'whisper-acme', operation: 'UPDATE' }, oldObject: ours },
        true,
      ],
      [
        'operator-namespaces',
        'one that it did not make',
        { request: { name: 'whisper-acme', operation: 'DELETE' }, oldObject: theirs },
        false,
      ],
    ])('%s: %s', async (name, _title, variables, isAllowed) => {
      const policy = find(await render({}), 'ValidatingAdmissionPolicy', `whisper-${name}`);
      const { validations } = policy['spec'] as { validations: { expression: string }[] };

      const holds = validations.map(({ expression }) => evaluate(expression, variables) === true);

      expect(holds.every(Boolean)).toBe(isAllowed);
    });
  });
});

describe('the values of the chart', () => {
  it('name nothing twice in their file', () => {
    const [document] = parseAllDocuments(readFileSync(join(chart, 'values.yaml'), 'utf8'));

    expect(document?.errors).toEqual([]);
  });
});
