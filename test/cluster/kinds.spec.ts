import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { installRoot } from '#libs/platform/install-root.js';
import { describeWith } from '../support/components.js';
import { kubernetes } from '../support/component-list.js';
import { ControlPlane, type KubeTools, kubeTools } from './control-plane.js';
import { type CrdExample, crdExamples } from './crd-examples.js';

const startMs = 180_000;

/** How the API server answered: nothing, or what it said against it. */
const answerOf = (call: Promise<string>) =>
  call.then(
    () => '',
    (error: unknown) => String(error),
  );

describeWith(kubernetes, 'the kinds on a real API server', (programs) => {
  let plane: ControlPlane;
  let kube: KubeTools;
  beforeAll(async () => {
    plane = await ControlPlane.start({ programs });
    kube = kubeTools(programs, plane.kubeconfig);
    await kube.applyCrds(join(installRoot(), 'crds'));
  }, startMs);
  afterAll(() => plane?.stop());

  const manifest = ({ kind, name, title, spec }: CrdExample) => {
    const ownName =
      kind === 'WhisperPlatform'
        ? 'whisper'
        : title
            .toLowerCase()
            .replace(/[^a-z0-9]+/g, '-')
            .slice(0, 40);
    const metadata = { name: name ?? ownName.replace(/^-|-$/g, '') };
    return JSON.stringify({ apiVersion: 'whisperengine.ai/v1alpha1', kind, metadata, spec });
  };

  it.each(crdExamples.map((example) => [`${example.kind}: ${example.title}`, example] as const))(
    'are accepted or refused as they say: %s',
    async (_title, example) => {
      if (example.before !== undefined) await kube.applyText(manifest({ ...example, spec: example.before }));

      const said = await answerOf(kube.applyText(manifest(example)));

      if (example.refusedBy === undefined) expect(said).toBe('');
      else expect(said).toContain(example.refusedBy);
    },
  );

  describe('a tenant', () => {
    const acme = {
      apiVersion: 'whisperengine.ai/v1alpha1',
      kind: 'WhisperTenant',
      metadata: { name: 'acme' },
      spec: { displayName: 'Acme', owner: { email: 'a@acme.example' }, database: { shard: 'one' } },
    };
    const condition = {
      type: 'Ready',
      status: 'False',
      reason: 'DatabaseUnreachable',
      message: 'Shard one does not answer.',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    beforeAll(async () => {
      await kube.applyText(JSON.stringify(acme));
      const status = {
        shard: 'one',
        platformVersion: '1.0.0',
        host: 'acme.example',
        replicas: 2,
        selector: 'app.kubernetes.io/component=chat',
        conditions: [condition],
      };
      await kube.kubectl(
        'patch',
        'wt',
        'acme',
        '--subresource=status',
        '--type=merge',
        '-p',
        JSON.stringify({ status }),
      );
    });

    it('has its defaults', async () => {
      expect(JSON.parse(await kube.kubectl('get', 'wt', 'acme', '-o', 'json'))).toMatchObject({
        spec: {
          isolation: 'dedicated',
          ring: 'stable',
          deletionProtection: true,
          database: { shard: 'one', deletionPolicy: 'Retain' },
        },
      });
    });

    it('tells at a glance what is wrong', async () => {
      const short = (await kube.kubectl('get', 'wt', 'acme')).split('\n');
      const wide = await kube.kubectl('get', 'wt', 'acme', '-o', 'wide');

      expect(short[0]).toMatch(/^NAME +READY +STATUS +ISOLATION +SHARD +VERSION +HOST +AGE *$/);
      expect(short[1]).toMatch(/^acme +False +DatabaseUnreachable +dedicated +one +1\.0\.0 +acme\.example +/);
      expect(wide).toContain('Shard one does not answer.');
    });

    it('is found by its isolation, ring and shard', async () => {
      const found = (selector: string) => kube.kubectl('get', 'wt', '-o', 'name', '--field-selector', selector);

      for (const selector of ['spec.isolation=dedicated', 'spec.ring=stable', 'spec.database.shard=one'])
        expect(await found(`metadata.name=acme,${selector}`)).toBe('whispertenant.whisperengine.ai/acme\n');
      expect(await found('metadata.name=acme,spec.database.shard=two')).toBe('');
    });

    it('is scaled as a Deployment is', async () => {
      await kube.kubectl('scale', 'wt', 'acme', '--replicas=3');

      const scale = JSON.parse(await kube.kubectl('get', 'wt', 'acme', '--subresource=scale', '-o', 'json'));
      expect(scale).toMatchObject({
        spec: { replicas: 3 },
        status: { replicas: 2, selector: 'app.kubernetes.io/component=chat' },
      });
    });

    it('keeps its generation when only its status changes', async () => {
      const generation = () => kube.kubectl('get', 'wt', 'acme', '-o', 'jsonpath={.metadata.generation}');
      const before = await generation();

      await kube.kubectl(
        'patch',
        'wt',
        'acme',
        '--subresource=status',
        '--type=merge',
        '-p',
        '{"status":{"replicas":1}}',
      );

      expect(await generation()).toBe(before);
    });
  });
});
