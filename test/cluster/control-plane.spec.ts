import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { kubernetes } from '../support/component-list.js';
import { describeWith } from '../support/components.js';
import { until } from '../support/until.js';
import { ControlPlane, type KubeTools, kubeTools } from './control-plane.js';

const startMs = 240_000;

describeWith(kubernetes, 'the control plane of these tests', (programs) => {
  let plane: ControlPlane;
  let kube: KubeTools;
  beforeAll(async () => {
    plane = await ControlPlane.start({ programs, nodes: 3 });
    kube = kubeTools(programs, plane.kubeconfig);
  }, startMs);
  afterAll(async () => {
    await plane.stop();
  });

  it('has nodes that are ready', async () => {
    await kube.kubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s');

    const names = await kube.kubectl('get', 'nodes', '--output=name');

    expect(names.trim().split('\n')).toEqual(['node/node-0', 'node/node-1', 'node/node-2']);
  });

  it('brings the pods of a Deployment to life', async () => {
    await kube.kubectl('create', 'deployment', 'web', '--image=example.test/web:1', '--replicas=2');

    await kube.kubectl('wait', '--for=condition=Available', 'deployment/web', '--timeout=50s');

    expect(await kube.kubectl('get', 'deployment', 'web', '--output=jsonpath={.status.readyReplicas}')).toBe('2');
  });

  it('lets Helm see the cluster', async () => {
    expect(JSON.parse(await kube.helm('list', '--all-namespaces', '--output=json'))).toEqual([]);
  });

  it('takes the CustomResourceDefinitions of this repository', async () => {
    await kube.applyCrds(fileURLToPath(new URL('../../../crds', import.meta.url)));

    const names = await kube.kubectl('api-resources', '--api-group=whisperengine.ai', '--output=name');

    expect(names).toContain('whispertenants.whisperengine.ai');
  });

  it('comes back with all it knew after its API server was killed', async () => {
    await kube.kubectl('create', 'configmap', 'kept', '--from-literal=a=1');
    await plane.killApiServer();
    await expect(kube.kubectl('get', 'configmap', 'kept', '--request-timeout=2s')).rejects.toThrow('kubectl');

    await plane.startApiServer();

    const value = () => kube.kubectl('get', 'configmap', 'kept', '--output=jsonpath={.data.a}').catch(() => null);
    expect(await until(value, 30_000)).toBe('1');
  });
});
