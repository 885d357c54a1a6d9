import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { stringify } from 'yaml';
import { installRoot } from '#libs/platform/install-root.js';
import { desired } from '#operator/resources/desired.js';
import { sharedObjects } from '#operator/resources/shared-objects.js';
import { describeWith } from '../support/components.js';
import { kubernetes } from '../support/component-list.js';
import { renderInput } from '../support/render-input.js';
import { until } from '../support/until.js';
import { ControlPlane, type KubeTools, kubeTools } from './control-plane.js';
import { type HelmAnswer, runHelm } from './helm.js';

const startMs = 180_000;
/** Helm waits for pods, and kwok plays some twenty a second on a busy machine. */
jest.setTimeout(120_000);
const home = 'whisper-system';
const charts = join(installRoot(), 'charts');
const account = `system:serviceaccount:${home}:whisper-operator`;
const answerOf = (call: Promise<string>) =>
  call.then(
    () => '',
    (error: unknown) => String(error),
  );

// The cases go on from one another, as the life of a release does.
describeWith(kubernetes, 'the charts in a cluster', (programs) => {
  let plane: ControlPlane;
  let kube: KubeTools;
  beforeAll(async () => {
    plane = await ControlPlane.start({ programs });
    kube = kubeTools(programs, plane.kubeconfig);
    await kube.kubectl('create', 'namespace', home);
  }, startMs);
  afterAll(() => plane?.stop());

  const helm = (args: readonly string[], values?: object): Promise<HelmAnswer> =>
    runHelm(join(programs, 'helm'), [...args, '--namespace', home], {
      kubeconfig: plane.kubeconfig,
      ...(values === undefined ? {} : { values }),
    });
  const demand = async (args: readonly string[], values?: object) => {
    const { ok, stdout, stderr } = await helm(args, values);
    expect({ ok, stderr: ok ? '' : stderr }).toEqual({ ok: true, stderr: '' });
    return stdout;
  };
  const whisper = join(charts, 'whisper');
  const asOperator = (...args: string[]) => answerOf(kube.kubectl(...args, `--as=${account}`));
  const values = { exampleTenants: { enabled: true }, platform: { publicUrl: 'https://chat.example' } };

  it('say what is missing while the kinds are not there', async () => {
    const { ok, stderr } = await helm(['install', 'whisper', whisper]);

    expect({ ok, stderr }).toEqual({
      ok: false,
      stderr: expect.stringContaining('Install the chart whisper-crds first'),
    });
  });

  it('install, and say the next step', async () => {
    await demand(['install', 'kinds', join(charts, 'whisper-crds')]);
    await kube.kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s');
    const notes = await demand(['install', 'whisper', whisper, '--wait', '--timeout', '100s'], values);

    expect(notes).toContain('kubectl wait --for=condition=Ready whispertenant/');
    expect(await kube.kubectl('get', 'wt,wp', '-o', 'name')).toBe(
      [
        'whispertenant.whisperengine.ai/acme',
        'whispertenant.whisperengine.ai/globex',
        'whisperplatform.whisperengine.ai/whisper',
        '',
      ].join('\n'),
    );
  });

  it('refuse a second release, and name the first', async () => {
    const { ok, stderr } = await runHelm(
      join(programs, 'helm'),
      ['install', 'again', whisper, '--namespace', 'elsewhere', '--create-namespace'],
      { kubeconfig: plane.kubeconfig },
    );

    expect(ok).toBe(false);
    expect(stderr).toContain('installed in this cluster already, as release "whisper" in namespace "whisper-system"');
  });

  it('answer to helm test', async () => {
    expect(await demand(['test', 'whisper', '--timeout', '100s'])).toContain('Succeeded');
  });

  describe('the operator', () => {
    const apply = async (objects: readonly object[]) => {
      const file = join(plane.folder, 'objects.yaml');
      await writeFile(file, objects.map((object) => stringify(object)).join('---\n'));
      return asOperator('apply', '--server-side', '--field-manager=whisper-operator/tenant', '-f', file);
    };

    it('may write every object of a tenant, and the pods are let in and run', async () => {
      const uid = await kube.kubectl('get', 'wt', 'acme', '-o', 'jsonpath={.metadata.uid}');
      const capabilities = { gatewayApi: false, serviceMonitor: false, customMetrics: false };
      const input = renderInput({ platform: { ingress: { type: 'ingress' } }, facts: { capabilities } });
      const objects = desired({ ...input, tenant: { ...input.tenant, uid } });

      expect(await apply(objects)).toBe('');
      await until(async () => {
        const ready = await kube.kubectl(
          'get',
          'deploy',
          '-n',
          'whisper-acme',
          '-o',
          'jsonpath={.items[*].status.readyReplicas}',
        );
        return ready === '1 1 1';
      }, 60_000);
    });

    it('may write what the shared apps need', async () => {
      const platformUid = await kube.kubectl('get', 'wp', 'whisper', '-o', 'jsonpath={.metadata.uid}');
      const { platform, facts } = renderInput({ platform: { ingress: { type: 'ingress' } } });
      const tenants = [{ name: 'globex', hosts: ['globex.example'], certificates: {} }];

      expect(
        await apply(sharedObjects({ ...facts, namespace: home, platformUid, platform, shards: [], tenants })),
      ).toBe('');
    });

    it.each([
      ['elsewhere', ['create', 'configmap', 'x', '-n', 'default'], 'in its own namespace and in those of tenants only'],
      ['in kube-system', ['create', 'secret', 'generic', 'x', '-n', 'kube-system'], 'in those of tenants only'],
      ['a namespace of another name', ['create', 'namespace', 'mine'], 'namespaces named whisper-<tenant> only'],
    ])('may not write %s', async (_title, args, words) => {
      expect(await asOperator(...args)).toContain(words);
    });

    it('leaves a namespace alone that somebody else has made', async () => {
      await kube.kubectl('create', 'namespace', 'whisper-taken');

      expect(await asOperator('label', 'namespace', 'whisper-taken', 'a=b')).toContain("somebody else's");
      expect(await asOperator('delete', 'namespace', 'whisper-taken')).toContain("somebody else's");
    });

    it.each([['pods'], ['nodes'], ['clusterroles.rbac.authorization.k8s.io'], ['persistentvolumes']])(
      'may not even list %s',
      async (resource) => {
        expect(await asOperator('get', resource, '-A')).toContain('forbidden');
      },
    );
  });

  it('guard a tenant from being deleted or moved by mistake', async () => {
    const patch = (text: string) =>
      answerOf(kube.kubectl('patch', 'wt', 'acme', '--type=merge', '--dry-run=server', '-p', text));
    const pooled = '"spec":{"isolation":"pooled"}';

    expect(await answerOf(kube.kubectl('delete', 'wt', 'acme'))).toContain('acme is protected from deletion');
    expect(await patch(`{${pooled}}`)).toContain('allow-isolation-change');
    expect(
      await patch(`{"metadata":{"annotations":{"whisperengine.ai/allow-isolation-change":"true"}},${pooled}}`),
    ).toBe('');
  });

  it('upgrade and roll back while tenants run', async () => {
    const replicas = () =>
      kube.kubectl('get', 'deploy', 'whisper-operator', '-n', home, '-o', 'jsonpath={.spec.replicas}');
    const pods = () => kube.kubectl('get', 'pods', '-n', 'whisper-acme', '-o', 'name');
    const before = await pods();

    await demand(['upgrade', 'whisper', whisper, '--wait'], { ...values, operator: { replicas: 3 } });
    expect(await replicas()).toBe('3');
    await demand(['rollback', 'whisper', '1', '--wait']);

    expect(await replicas()).toBe('2');
    expect(await pods()).toBe(before);
  });

  it('leave kinds, tenants and their objects when they go, and find them again', async () => {
    await demand(['uninstall', 'whisper', '--wait']);
    await demand(['uninstall', 'kinds', '--wait']);

    expect(await kube.kubectl('get', 'wt', '-o', 'name')).toContain('acme');
    expect(await kube.kubectl('get', 'deploy', '-n', 'whisper-acme', '-o', 'name')).toContain('deployment.apps/chat');
    await demand(['install', 'kinds', join(charts, 'whisper-crds')]);
    await demand(['install', 'whisper', whisper, '--wait'], values);
    expect(await kube.kubectl('get', 'wt', '-o', 'name')).toContain('acme');
  });
});
