import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { describeWith } from '../../support/components.js';
import { until } from '../../support/until.js';
import { nodeProgramFolders, realNode } from './component.js';
import { nodeProgramNames } from './node-programs.js';
import { connectScript, getScript, refused } from './probe-scripts.js';
import { RealNode } from './real-node.js';
import { caller, standalone } from './standalone-objects.js';
import { whisperImage } from './whisper-image.js';

const startMs = 15 * 60_000;
const stopMs = 60_000;
const waitMs = 60_000;
jest.setTimeout(150_000);

// The cases go on from one another, as the life of a cluster does.
describeWith(realNode, 'one real node', () => {
  let node: RealNode;
  let image = '';
  beforeAll(async () => {
    const built = await whisperImage();
    image = built.name;
    node = await RealNode.start({ programs: nodeProgramFolders(), images: [built] });
    const parts = [...node.timings].map(([name, ms]) => `${name} ${(ms / 1000).toFixed(1)} s`);
    console.info(`real node: ${parts.join(', ')}`);
    for (const name of ['shop', 'street']) await node.kube.kubectl('create', 'namespace', name);
  }, startMs);
  afterAll(() => node?.stop(), stopMs);

  const apply = (...items: readonly object[]) =>
    node.kube.applyText(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const inPod = (namespace: string, ...command: readonly string[]) =>
    node.kube.kubectl('exec', '-n', namespace, 'caller', '--', ...command);
  const get = async (address: string, host = '') =>
    JSON.parse(await node.exec(process.execPath, '-e', getScript, address, host)) as { status: number; body: string };
  const connect = async (from: string, host: string, port: number) =>
    (await inPod(from, 'node', '-e', connectScript, host, String(port))).trim();
  const connects = (from: string, word: string) =>
    until(async () => (await connect(from, 'standalone.shop', 80)) === word, waitMs);

  it('runs our image without root, on a root file system that cannot be written', async () => {
    const begun = performance.now();
    await apply(...standalone(image, 'shop'), caller(image, 'shop'), caller(image, 'street', { who: 'guest' }));

    await node.kube.kubectl('rollout', 'status', 'deployment/standalone', '-n', 'shop', '--timeout=120s');
    console.info(`real node: standalone Ready after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    await node.kube.kubectl('wait', '--for=condition=Ready', 'pod/caller', '-n', 'street', '--timeout=60s');

    const logs = await node.kube.kubectl('logs', '-n', 'shop', 'deployment/standalone');
    expect(logs).toContain('Whisper is ready');
  });

  it('serves its page through a Service', async () => {
    const address = await node.kube.kubectl(
      'get',
      'service',
      '-n',
      'shop',
      'standalone',
      '-o',
      'jsonpath={.spec.clusterIP}',
    );

    const page = await get(`http://${address}/`, 'acme.localhost');

    expect(page.status).toBe(200);
    expect(page.body).toContain('Acme Research');
  });

  it('resolves names of the cluster, and says at once that others are unknown', async () => {
    const look = (name: string) =>
      inPod(
        'street',
        'node',
        '-e',
        `require('node:dns').lookup(process.argv[1], (e, a) => console.log(e?.code ?? a))`,
        name,
      );

    expect(await look('standalone.shop.svc.cluster.local')).toMatch(/^10\.0\./);
    expect((await look('example.com')).trim()).toBe('ENOTFOUND');
  });

  it('holds pods to NetworkPolicies, on the way in', async () => {
    await connects('street', 'open');
    const policy = (from: readonly object[]) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'door', namespace: 'shop' },
      spec: {
        podSelector: { matchLabels: { app: 'standalone' } },
        policyTypes: ['Ingress'],
        ingress: [{ from, ports: [{ port: 4780 }] }],
      },
    });

    await apply(policy([{ podSelector: {} }]));
    await connects('street', refused);
    expect(await connect('shop', 'standalone.shop', 80)).toBe('open');

    await apply(policy([{ namespaceSelector: {}, podSelector: { matchLabels: { who: 'guest' } } }]));
    await connects('street', 'open');
    await node.kube.kubectl('delete', 'networkpolicy', '-n', 'shop', 'door');
  });

  it('holds pods to NetworkPolicies, on the way out', async () => {
    const policy = (egress: readonly object[]) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'way-out', namespace: 'street' },
      spec: { podSelector: {}, policyTypes: ['Egress'], egress },
    });
    const names = { to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }] };

    await apply(policy([names]));
    await connects('street', refused);
    expect(await connect('street', 'kubernetes.default', 443)).toBe(refused);

    await apply(
      policy([names, { to: [{ ipBlock: { cidr: '10.244.0.0/16' } }], ports: [{ port: 4000, endPort: 5000 }] }]),
    );
    await connects('street', 'open');
    await node.kube.kubectl('delete', 'networkpolicy', '-n', 'street', 'way-out');
  });

  it('has no way out of itself', async () => {
    expect(await connect('street', '192.0.2.1', 80)).toMatch(/ENETUNREACH|EHOSTUNREACH|timeout/);
  });

  it('brings back a container that was killed with -9', async () => {
    const ready = () =>
      node.kube.kubectl(
        'get',
        'pod',
        '-n',
        'shop',
        '-l',
        'app=standalone',
        '-o',
        'jsonpath={.items[0].status.containerStatuses[0].restartCount} {.items[0].status.containerStatuses[0].ready}',
      );

    await node.killContainer('shop', 'app=standalone');

    await until(async () => (await ready()) === '1 true', waitMs);
  });

  it('ends a pod by its signal, before its time is up', async () => {
    const pod = (await node.kube.kubectl('get', 'pod', '-n', 'shop', '-l', 'app=standalone', '-o', 'name')).trim();
    const begun = performance.now();

    await node.kube.kubectl('delete', '-n', 'shop', pod, '--timeout=60s');

    expect(performance.now() - begun).toBeLessThan(18_000);
  });

  it('goes on when each of its programs is killed and started again', async () => {
    for (const program of nodeProgramNames) await node.kill(program);

    await until(
      () =>
        node.kube.kubectl('get', '--raw', '/readyz').then(
          (text) => text === 'ok',
          () => false,
        ),
      waitMs,
    );
    await node.kube.kubectl('rollout', 'status', 'deployment/standalone', '-n', 'shop', '--timeout=120s');
    await connects('street', 'open');
  });
});
