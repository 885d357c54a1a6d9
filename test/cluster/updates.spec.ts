import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { z } from 'zod';
import { BackendSpec } from '#libs/contracts/backend-spec.js';
import { PlatformSpec } from '#libs/contracts/platform-spec.js';
import { ShardSpec } from '#libs/contracts/shard-spec.js';
import { TenantSpec } from '#libs/contracts/tenant-spec.js';
import { installRoot } from '#libs/platform/install-root.js';
import { autoscalers } from '#operator/resources/autoscaling.js';
import { kubernetes, redisServer } from '../support/component-list.js';
import { describeWith } from '../support/components.js';
import { renderInput } from '../support/render-input.js';
import { until } from '../support/until.js';
import { at, type FieldCase, fieldsOf } from './field-cases.js';
import { manifest, OperatedCluster, secret, tenant } from './operated-cluster.js';
import { becomes } from './operated-status.js';
import { optionalKinds } from './optional-kinds.js';
import { backendFieldCases, platformFieldCases, shardFieldCases } from './platform-field-cases.js';
import { tenantFieldCases } from './tenant-field-cases.js';

const space = '--namespace=whisper-field';
const rollout = ['maxUnavailable', 'soakSeconds', 'readyTimeoutSeconds', 'maxFailures', 'rollback', 'paused'];
/** Fields with a case of their own in this file. */
const ownCases = {
  tenant: ['isolation', 'database.shard', 'database.deletionPolicy', 'region', 'ring', 'deletionProtection'],
  platform: ['version'],
  shard: ['connectionSecretRef.name', 'connectionSecretRef.key'],
};
/** Fields whose effect another suite shows: the pods of a custom metric, and the waves of an upgrade. */
const elsewhere: Readonly<Record<string, readonly string[]>> = {
  'operator/rollout.spec.ts': rollout.map((name) => `rollout.${name}`),
};
/** Seen where the cluster has custom metrics, which this one has not. */
const loads = ['autoscaling.chat.targetSockets', 'autoscaling.router.targetInFlight'];

describe('every field', () => {
  it.each<[string, z.ZodType, ReadonlyMap<string, FieldCase>, readonly string[]]>([
    ['WhisperTenant', TenantSpec, tenantFieldCases, [...ownCases.tenant, ...loads]],
    [
      'WhisperPlatform',
      PlatformSpec,
      platformFieldCases,
      [...ownCases.platform, ...loads, ...Object.values(elsewhere).flat()],
    ],
    ['DatabaseShard', ShardSpec, shardFieldCases, ownCases.shard],
    ['ModelBackend', BackendSpec, backendFieldCases, []],
  ])('of a %s has a case that shows what it does', (_kind, schema, cases, others) => {
    expect([...cases.keys(), ...others].sort()).toEqual(fieldsOf(schema).sort());
  });

  it('that another suite is about has that suite', () => {
    for (const file of Object.keys(elsewhere)) expect(existsSync(join(installRoot(), file))).toBe(true);
  });

  it.each([
    ['a tenant', { spec: { autoscaling: { chat: { targetSockets: 41 }, router: { targetInFlight: 42 } } } }],
    ['the platform', { platform: { autoscaling: { chat: { targetSockets: 41 }, router: { targetInFlight: 42 } } } }],
  ])('that is about a custom metric is seen in the autoscalers of %s', (_whose, change) => {
    const targets = autoscalers(renderInput(change)).map((object) =>
      at(object, 'spec.metrics.1.pods.target.averageValue'),
    );

    expect(targets).toEqual(['41', '42', undefined]);
  });
});

// The changes stay, each on top of those before it, as the life of a manifest does.
describeWith(kubernetes, 'a change of a field', (programs) => {
  describeWith(redisServer, 'with Redis', (redis) => {
    let cluster: OperatedCluster;
    let control: pg.Client;
    beforeAll(async () => {
      cluster = await OperatedCluster.start({ programs, redis, hasPolicies: true, before: optionalKinds() });
      control = new pg.Client({ connectionString: cluster.controlUrl });
      await control.connect();
      await cluster.wait('dbs/main', 'Ready');
      await cluster.apply(
        secret('idp', { value: 'made at run time', other: 'made at run time' }, 'field'),
        secret('key', { value: 'made at run time', other: 'made at run time' }, 'backend-own'),
        { ...secret('front', { 'tls.crt': 'c', 'tls.key': 'k' }, 'field'), type: 'kubernetes.io/tls' },
        { ...secret('pull', { '.dockerconfigjson': '{"auths":{}}' }), type: 'kubernetes.io/dockerconfigjson' },
        manifest('ModelBackend', 'own', {
          provider: 'openai',
          url: 'http://127.0.0.1:8/v1',
          models: [{ id: 'large' }],
        }),
        tenant('field', { region: 'default', database: { shard: 'main' } }),
      );
      await cluster.wait('wt/field', 'Ready');
    }, 240_000);
    afterAll(async () => {
      await control?.end();
      await cluster?.close();
    });

    const kubectl = (...args: string[]) => cluster.kube.kubectl(...args);
    const answerOf = (call: Promise<string>) =>
      call.then(
        () => '',
        (error: unknown) => String(error),
      );
    const patch = (object: string, spec: object, ...more: string[]) =>
      kubectl('patch', object, '--type=merge', `--patch=${JSON.stringify({ spec })}`, ...more);
    const objectOf = async (ref: string): Promise<unknown> => {
      if (ref === 'shard')
        return (await control.query(`select * from whisper_control.shard where id = 'spare'`)).rows[0];
      if (ref === 'config' || ref === 'backends') {
        const { data } = await cluster.get<{ data: Record<string, string> }>('configmap/tenant', space);
        return JSON.parse(data[ref === 'config' ? 'tenant.json' : 'backends.json'] ?? '');
      }
      if (ref !== 'variables') return cluster.get(ref, space);
      const env = at(await cluster.get('deployment/chat', space), 'spec.template.spec.containers.0.env');
      return Object.fromEntries((env as { name: string; value?: string }[]).map(({ name, value }) => [name, value]));
    };
    const seen = async ({ see }: FieldCase) => {
      const [ref = '', ...path] = see.split(' ');
      return at(await objectOf(ref).catch(() => null), path.join(' '));
    };
    /** Changes the field, and waits until it is seen, which it was not before. */
    const changes = (object: string) => async (_field: string, change: FieldCase) => {
      expect(await seen(change)).not.toEqual(change.is);
      await patch(object, change.change);

      const isSeen = async () => JSON.stringify(await seen(change)) === JSON.stringify(change.is);
      await until(isSeen, 15_000).catch(async () => expect(await seen(change)).toEqual(change.is));
    };

    describe('of a backend:', () => {
      beforeAll(async () => {
        await patch('wt/field', { models: { backends: [{ ref: 'own' }] } });
        await until(async () => at(await objectOf('backends'), '0.name') === 'own');
      });
      afterAll(async () => {
        await patch('wt/field', { models: null });
      });
      it.each([...backendFieldCases])('%s', changes('modelbackend/own'));
    });

    describe('of a shard:', () => {
      beforeAll(async () => {
        await cluster.addShard('spare');
        await cluster.wait('dbs/spare', 'Ready');
      });
      it.each([...shardFieldCases])('%s', changes('dbs/spare'));

      it.each([
        ['connectionSecretRef.name', { name: 'nowhere', key: 'url' }, /no Secret "nowhere"/],
        ['connectionSecretRef.key', { name: 'shard-spare', key: 'address' }, /with the key "address"/],
      ])('%s', async (_field, connectionSecretRef, words) => {
        await patch('dbs/spare', { connectionSecretRef });

        await until(async () => words.test((await becomes(cluster, ['dbs/spare', 'Ready', 'SecretMissing'])).message));
      });
    });

    describe('of the platform:', () => {
      it.each([...platformFieldCases])('%s', changes('wp/whisper'));
      it('version', async () => {
        await patch('wp/whisper', {
          version: '1.1.0',
          image: { digest: null, tag: null },
          rollout: { soakSeconds: 0 },
        });
        const image = async () => at(await objectOf('deployment/chat'), 'spec.template.spec.containers.0.image');
        await until(async () => (await image()) === 'registry.example/own/whisper:1.1.0', 90_000);
        await patch('wp/whisper', {
          image: null,
          ingress: { type: 'ingress', gateway: null, className: null, clusterIssuer: null },
        });
        await until(async () => (await image()) === 'whisperengine/whisper:1.1.0', 30_000);
      }, 150_000);
    });

    describe('of a tenant:', () => {
      it.each([...tenantFieldCases])('%s', changes('wt/field'));

      it.each([
        ['database.shard', { database: { shard: 'spare' } }, 'database.shard cannot be changed'],
        ['region', { region: 'north' }, 'region cannot be changed'],
      ])('%s is refused: the data would have to move', async (_field, spec, words) => {
        expect(await answerOf(patch('wt/field', spec))).toContain(words);
      });

      it('ring is how a rollout finds it', async () => {
        await patch('wt/field', { ring: 'early' });

        expect(await kubectl('get', 'wt', '--field-selector=spec.ring=early', '--output=name')).toContain('/field');
      });

      it('deletionProtection keeps it from being deleted', async () => {
        await patch('wt/field', { deletionProtection: true });

        expect(await answerOf(kubectl('delete', 'wt', 'field'))).toContain('field is protected from deletion');
        await patch('wt/field', { deletionProtection: false });
      });

      it('isolation takes its workloads away, once its author has said so twice', async () => {
        await cluster.apply(tenant('turned'));
        await cluster.wait('wt/turned', 'Ready');

        expect(await answerOf(patch('wt/turned', { isolation: 'pooled' }))).toContain('allow-isolation-change');
        await kubectl('annotate', 'wt', 'turned', 'whisperengine.ai/allow-isolation-change=true');
        await patch('wt/turned', { isolation: 'pooled' });

        await until(
          async () => !(await kubectl('get', 'namespaces', '--output=name')).includes('whisper-turned'),
          60_000,
        );
        await cluster.wait('wt/turned', 'Ready');
      }, 150_000);

      it('database.deletionPolicy says what becomes of the data', async () => {
        await patch('wt/turned', { database: { deletionPolicy: 'Delete' } });
        await kubectl('delete', 'wt', 'turned', '--timeout=60s');

        const { rows } = await control.query(`select from whisper_control.tenant where slug = 'turned'`);
        expect(rows).toEqual([]);
      }, 90_000);
    });
  });
});
