import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { PlatformStatus, TenantStatus } from '#libs/contracts/object-status.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { kubernetes, redisServer } from '../support/component-list.js';
import { describeWith } from '../support/components.js';
import { runCli } from '../support/platform.js';
import { until } from '../support/until.js';
import { crashingPods } from './crashing-pods.js';
import { manifest, OperatedCluster, tenant } from './operated-cluster.js';

const digestOf = (digit: string) => `sha256:${digit.repeat(64)}`;
const imageOf = (digit: string) => `whisperengine/whisper@${digestOf(digit)}`;
const broken = '2.0.0';
const rollout = { soakSeconds: 3, readyTimeoutSeconds: 120 };
const waitMs = 150_000;

describeWith(kubernetes, 'an upgrade on a real control plane', (programs) => {
  describeWith(redisServer, 'with Redis', (redis) => {
    let cluster: OperatedCluster;
    beforeAll(async () => {
      const platform = { image: { digest: digestOf('1') }, rollout };
      cluster = await OperatedCluster.start({ programs, redis, platform, stages: crashingPods(broken) });
      await cluster.apply(
        tenant('canary', { ring: 'canary' }),
        tenant('early', { ring: 'early' }),
        tenant('stable'),
        tenant('pinned', { platformVersion: '1.0.0', ring: 'canary' }),
        tenant('pooled', { isolation: 'pooled', ring: 'canary' }),
      );
      for (const name of ['canary', 'early', 'stable', 'pinned', 'pooled'])
        await cluster.wait(`wt/${name}`, 'Ready', '120s');
    }, 400_000);
    afterAll(() => cluster.close());

    const kubectl = (...args: string[]) => cluster.kube.kubectl(...args);
    const platformStatus = async () => (await cluster.get<{ status?: PlatformStatus }>('wp', 'whisper')).status ?? {};
    const tenantOf = (name: string) => cluster.get<KubeObject & { status: TenantStatus }>('wt', name);
    const deploymentOf = async (name: string) => {
      const { metadata, spec } = await cluster.get<{
        metadata: { generation: number };
        spec: { template: { spec: { containers: { image: string }[] } } };
      }>('deployment', 'admin', `--namespace=whisper-${name}`);
      return { generation: metadata.generation, image: spec.template.spec.containers[0]?.image };
    };
    const reasons = async (object: string) =>
      (
        await kubectl(
          'get',
          'events',
          `--field-selector=involvedObject.name=${object}`,
          '--sort-by=.eventTime',
          '--output=jsonpath={.items[*].reason}',
        )
      ).split(' ');
    const phase = async () => (await platformStatus()).rollout?.phase;
    const conditionOf = async (type: string) =>
      (await platformStatus()).conditions?.find((condition) => condition.type === type);
    /** As `helm upgrade` does, with the image that belongs to the version. */
    const upgrade = (version: string, digit: string, settings: object = {}) =>
      cluster.apply(
        manifest('WhisperPlatform', 'whisper', {
          version,
          publicUrl: 'https://chat.example',
          ingress: { type: 'ingress' },
          image: { digest: digestOf(digit) },
          rollout: { ...rollout, ...settings },
        }),
      );
    const assignedAt = async (name: string) =>
      new Date((await tenantOf(name)).metadata.annotations?.['whisperengine.ai/assigned-at'] ?? '').getTime();

    it('is not there as long as everybody has the version', async () => {
      await until(async () => (await platformStatus()).tenants?.ready === 5, 30_000);
      const { version, rollout: none, images } = await platformStatus();

      expect({ version, none, images }).toEqual({
        version: '1.0.0',
        none: undefined,
        images: [{ version: '1.0.0', image: imageOf('1') }],
      });
      expect((await tenantOf('canary')).metadata.annotations ?? {}).not.toHaveProperty([
        'whisperengine.ai/assigned-version',
      ]);
    });

    it(
      'stops at a canary whose pods crash, brings it back, and leaves all others alone',
      async () => {
        const before = await Promise.all(['early', 'stable', 'pinned'].map(deploymentOf));
        await upgrade(broken, '2', { readyTimeoutSeconds: 10 });

        await until(async () => (await deploymentOf('canary')).image === imageOf('2'), waitMs);
        await until(async () => (await phase()) === 'RolledBack', waitMs);
        await cluster.wait('wt/canary', 'Ready', '120s');

        expect(await deploymentOf('canary')).toMatchObject({ image: imageOf('1') });
        expect(await Promise.all(['early', 'stable', 'pinned'].map(deploymentOf))).toEqual(before);
        expect(await platformStatus()).toMatchObject({
          version: '1.0.0',
          rollout: { version: broken, previousVersion: '1.0.0', ring: 'canary', failed: ['canary'] },
        });
        expect((await tenantOf('canary')).status).toMatchObject({ platformVersion: '1.0.0' });
      },
      2 * waitMs,
    );

    it('says so in conditions, columns, events and on the command line', async () => {
      expect(await conditionOf('Ready')).toMatchObject({ status: 'True' });
      expect(await conditionOf('Stalled')).toMatchObject({
        status: 'True',
        reason: 'RolledBack',
        message: expect.stringMatching(
          /Not Ready within 10 s at version 2\.0\.0: canary\. The ring canary has version 1\.0\.0 again\. Correct/,
        ),
      });
      expect(await kubectl('get', 'wp')).toMatch(/whisper +True +Ready +2\.0\.0 +1\.0\.0 +RolledBack +canary/);
      await until(async () => (await reasons('whisper')).includes('RolloutRolledBack'));
      expect((await reasons('whisper')).filter((reason) => reason.startsWith('Rollout'))).toEqual([
        'RolloutStarted',
        'RolloutTenantFailed',
        'RolloutFailed',
        'RolloutRolledBack',
      ]);
      expect(await reasons('canary')).toContain('VersionAssigned');
      const { stdout } = await runCli(['status', '--kubeconfig', cluster.plane.kubeconfig]);
      expect(stdout).toMatch(/^Version 2\.0\.0 after 1\.0\.0: RolledBack, ring canary\.$/m);
    });

    it('is ended by the version that everybody has', async () => {
      const before = await Promise.all(['canary', 'early', 'stable'].map(deploymentOf));
      await upgrade('1.0.0', '1');

      await until(async () => (await phase()) === 'Complete', waitMs);

      expect(await conditionOf('Stalled')).toMatchObject({ status: 'False' });
      expect(await Promise.all(['canary', 'early', 'stable'].map(deploymentOf))).toEqual(before);
    });

    it('begins with nobody while it is paused; a tenant that comes meanwhile has what all have', async () => {
      await upgrade('3.0.0', '3', { paused: true });
      await until(async () => (await phase()) === 'Paused', waitMs);
      await cluster.apply(tenant('newcomer'));
      await cluster.wait('wt/newcomer', 'Ready', '120s');

      for (const name of ['canary', 'early', 'stable', 'newcomer'])
        expect(await deploymentOf(name)).toMatchObject({ image: imageOf('1') });
      expect((await tenantOf('newcomer')).status).toMatchObject({ platformVersion: '1.0.0' });
      expect((await tenantOf('pooled')).status).toMatchObject({ platformVersion: '3.0.0' });
    }, 200_000);

    it(
      'reaches every ring after the one before has been healthy for a while',
      async () => {
        await upgrade('3.0.0', '3');

        await until(async () => (await phase()) === 'Complete', 2 * waitMs);

        expect(await platformStatus()).toMatchObject({ version: '3.0.0', tenants: { total: 6, updated: 5 } });
        for (const name of ['canary', 'early', 'stable', 'newcomer']) {
          expect(await deploymentOf(name)).toMatchObject({ image: imageOf('3') });
          expect((await tenantOf(name)).status).toMatchObject({ platformVersion: '3.0.0', previousVersion: '1.0.0' });
        }
        const soakMs = rollout.soakSeconds * 1000;
        expect((await assignedAt('early')) - (await assignedAt('canary'))).toBeGreaterThanOrEqual(soakMs);
        expect((await assignedAt('stable')) - (await assignedAt('early'))).toBeGreaterThanOrEqual(soakMs);
        await until(async () => (await reasons('whisper')).at(-1) === 'RolloutFinished');
        expect((await reasons('whisper')).filter((reason) => reason === 'RolloutRingDone').length).toBeGreaterThan(2);
      },
      3 * waitMs,
    );

    it('is none where only the image of the version changes; a pinned tenant keeps the image of its own', async () => {
      const before = await deploymentOf('pinned');
      await upgrade('3.0.0', '4');

      await until(async () => (await deploymentOf('stable')).image === imageOf('4'), waitMs);
      await cluster.wait('wt/stable', 'Ready', '120s');

      expect(await phase()).toBe('Complete');
      expect(await deploymentOf('pinned')).toEqual(before);
    }, 200_000);

    it('comes to a pinned tenant when it is let go', async () => {
      await kubectl('patch', 'wt', 'pinned', '--type=merge', '--patch={"spec":{"platformVersion":null}}');

      await until(async () => (await deploymentOf('pinned')).image === imageOf('4'), waitMs);

      await until(async () => (await tenantOf('pinned')).status.platformVersion === '3.0.0', waitMs);
    }, 200_000);

    it('lets Helm go when the platform is well, and does not keep it for days', async () => {
      const chart = join(cluster.secrets, 'chart');
      await mkdir(join(chart, 'templates'), { recursive: true });
      await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: platform\nversion: 1.0.0\n');
      const spec = {
        version: '4.0.0',
        publicUrl: 'https://chat.example',
        image: { digest: digestOf('5') },
        rollout: { ...rollout, soakSeconds: 600 },
      };
      await writeFile(
        join(chart, 'templates/platform.yaml'),
        JSON.stringify(manifest('WhisperPlatform', 'whisper', spec)),
      );
      const options = ['--take-ownership', '--force-conflicts', '--wait', '--timeout=60s'];

      await cluster.kube.helm('upgrade', '--install', 'platform', chart, '--namespace=whisper-system', ...options);

      await until(async () => (await phase()) === 'Soaking', waitMs);
      expect(await conditionOf('Ready')).toMatchObject({ status: 'True' });
      expect(await deploymentOf('early')).toMatchObject({ image: imageOf('4') });
      await kubectl('patch', 'wp', 'whisper', '--type=merge', '--patch={"spec":{"rollout":{"soakSeconds":0}}}');
      await until(async () => (await phase()) === 'Complete', waitMs);
    }, 400_000);

    it('leaves pooled tenants to the shared apps, and says when those do not run', async () => {
      const scale = (count: number) =>
        kubectl('scale', 'deployment/whisper-router', '--namespace=whisper-system', `--replicas=${count}`);
      await scale(0);

      await cluster.wait('wt/pooled', 'Ready=false', '60s');
      await until(async () => (await conditionOf('Ready'))?.status === 'False', 60_000);

      expect((await tenantOf('pooled')).status.conditions).toContainEqual(
        expect.objectContaining({ type: 'Ready', reason: 'SharedAppsDown' }),
      );
      expect(await conditionOf('Ready')).toMatchObject({
        reason: 'SharedAppsDown',
        message: expect.stringContaining('whisper-router'),
      });
      await scale(1);
      await cluster.wait('wt/pooled', 'Ready', '60s');
      await cluster.wait('wp/whisper', 'Ready', '60s');
    }, 200_000);
  });
});
