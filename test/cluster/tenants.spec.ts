import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { installRoot } from '#libs/platform/install-root.js';
import { kubernetes, redisServer } from '../support/component-list.js';
import { describeWith } from '../support/components.js';
import { runCli } from '../support/platform.js';
import { until } from '../support/until.js';
import { OperatedCluster, secret, tenant } from './operated-cluster.js';
import { home } from './operator-account.js';

interface Status {
  readonly status?: {
    readonly phase?: string;
    readonly shard?: string;
    readonly drift?: { readonly count: number; readonly manager: string; readonly object: string };
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
    }[];
  };
  readonly metadata: { readonly resourceVersion: string };
}

describeWith(kubernetes, 'the operator on a real control plane', (programs) => {
  describeWith(redisServer, 'with Redis', (redis) => {
    let cluster: OperatedCluster;
    beforeAll(async () => {
      cluster = await OperatedCluster.start({ programs, redis });
    }, 240_000);
    afterAll(() => cluster.close());

    const kubectl = (...args: string[]) => cluster.kube.kubectl(...args);
    const conditionOf = async (name: string, type: string) =>
      (await cluster.get<Status>('wt', name)).status?.conditions?.find((condition) => condition.type === type);

    /** Whether a query finds anything on the shard of these tests. */
    const onShard = async (text: string, value: string) => {
      const data = await kubectl('get', 'secret', 'shard-main', `--namespace=${home}`, '--output=jsonpath={.data.url}');
      const client = new pg.Client({ connectionString: Buffer.from(data, 'base64').toString() });
      await client.connect();
      const { rowCount } = await client.query(text, [value]);
      await client.end();
      return rowCount === 1;
    };
    const mayLogIn = (role: string) => onShard('select 1 from pg_roles where rolname = $1 and rolcanlogin', role);

    it('makes the example tenants of this repository Ready, as they are', async () => {
      const folder = join(installRoot(), 'examples/tenants');
      for (const name of ['acme', 'globex'])
        await cluster.kube.applyText(await readFile(join(folder, `${name}.yaml`), 'utf8'));

      await cluster.wait('wt/acme', 'Ready');
      await cluster.wait('wt/globex', 'Ready');

      const deployments = await kubectl('get', 'deployments', '--namespace=whisper-acme', '--output=name');
      expect(deployments.trim().split('\n')).toEqual([
        'deployment.apps/admin',
        'deployment.apps/chat',
        'deployment.apps/router',
      ]);
      expect(await kubectl('get', 'namespaces', '--output=name')).not.toContain('whisper-globex');
      expect(await kubectl('get', 'wt')).toMatch(/acme +True +Ready/);
    });

    it('gives the shared apps what they need to serve the pooled tenant', async () => {
      const of = (name: string) => kubectl('get', 'secret', name, `--namespace=${home}`, '--output=jsonpath={.data}');
      await until(async () =>
        (await kubectl('get', 'secrets', `--namespace=${home}`, '--output=name')).includes('whisper-shards'),
      );

      expect(Object.keys(JSON.parse(await of('whisper-shared')) as object).sort()).toEqual([
        'cluster-keys.json',
        'database-url',
        'redis-url',
        'service-keys.json',
      ]);
      expect(Object.keys(JSON.parse(await of('whisper-shards')) as object)).toEqual(['main']);
      await until(async () =>
        (await kubectl('get', 'ingresses', `--namespace=${home}`, '--output=yaml')).includes(
          'admin.globex.chat.example',
        ),
      );
      expect(await kubectl('get', 'ingresses', `--namespace=${home}`, '--output=yaml')).not.toContain(
        'acme.chat.example',
      );
      await cluster.wait('whisperplatform/whisper', 'Ready');
      expect(
        (await cluster.get<{ status: { tenants: object } }>('whisperplatform', 'whisper')).status.tenants,
      ).toMatchObject({ total: 2 });
    });

    it('says in the first write that nothing is known yet, and when that was of', async () => {
      const { status } = await cluster.get<{ status: { observedGeneration: number } }>('wt', 'acme');

      expect(status.observedGeneration).toBe(1);
      expect(await conditionOf('acme', 'Reconciling')).toMatchObject({ status: 'False' });
    });

    it('writes nothing where nothing has changed', async () => {
      const versions = async () =>
        await kubectl(
          'get',
          'wt,deployments,services,secrets,configmaps,hpa',
          '--all-namespaces',
          '--selector=app.kubernetes.io/managed-by=whisper-operator',
          '--output=jsonpath={range .items[*]}{.kind}/{.metadata.name}={.metadata.resourceVersion} {end}',
        );
      const before = await versions();
      await kubectl('annotate', 'wt', 'acme', 'example.test/touched=1');
      await new Promise((resolve) => setTimeout(resolve, 2_000));

      const changed = (await versions()).split(' ').filter((line) => !before.includes(line));

      expect(changed.filter((line) => !line.startsWith('HorizontalPodAutoscaler'))).toEqual([]);
    });

    it('rolls the pods when their configuration changes', async () => {
      const image = () =>
        kubectl(
          'get',
          'deployment',
          'chat',
          '--namespace=whisper-acme',
          '--output=jsonpath={.spec.template.metadata.annotations}',
        );
      const before = await image();

      await kubectl('patch', 'wt', 'acme', '--type=merge', '--patch={"spec":{"displayName":"Acme Laboratories"}}');

      await until(async () => (await image()) !== before);
      await cluster.wait('wt/acme', 'Ready');
    });

    describe('puts right what somebody else changed, and says who did it:', () => {
      it.each([
        [
          'deployment',
          'chat',
          '{"spec":{"template":{"spec":{"serviceAccountName":"default"}}}}',
          '{.spec.template.spec.serviceAccountName}',
          'chat',
        ],
        [
          'service',
          'router',
          '{"spec":{"selector":{"app.kubernetes.io/component":"other"}}}',
          '{.spec.selector.app\\.kubernetes\\.io/component}',
          'router',
        ],
        [
          'networkpolicy',
          'default-deny',
          '{"spec":{"policyTypes":["Ingress"]}}',
          '{.spec.policyTypes}',
          '["Ingress","Egress"]',
        ],
        ['resourcequota', 'tenant', '{"spec":{"hard":{"pods":"500"}}}', '{.spec.hard.pods}', null],
        ['configmap', 'tenant', '{"data":{"backends.json":"[1]"}}', '{.data.backends\\.json}', '[]'],
        ['secret', 'database', '{"data":{"url":"eA=="}}', '{.data.url}', null],
        ['poddisruptionbudget', 'chat', '{"spec":{"maxUnavailable":3}}', '{.spec.maxUnavailable}', null],
        ['horizontalpodautoscaler', 'chat', '{"spec":{"maxReplicas":99}}', '{.spec.maxReplicas}', null],
        [
          'ingress',
          'chat',
          '{"spec":{"rules":[{"host":"stolen.example"}]}}',
          '{.spec.rules[0].host}',
          'acme.chat.example',
        ],
        ['serviceaccount', 'chat', '{"automountServiceAccountToken":true}', '{.automountServiceAccountToken}', 'false'],
        ['limitrange', 'tenant', '{"spec":{"limits":[]}}', '{.spec.limits[0].type}', null],
      ])('%s %s', async (kind, name, patch, path, expected) => {
        const read = () => kubectl('get', kind, name, '--namespace=whisper-acme', `--output=jsonpath=${path}`);
        const before = await read();
        const count = (await cluster.get<Status>('wt', 'acme')).status?.drift?.count ?? 0;

        await kubectl('patch', kind, name, '--namespace=whisper-acme', '--type=merge', `--patch=${patch}`);

        await until(async () => ((await cluster.get<Status>('wt', 'acme')).status?.drift?.count ?? 0) > count);
        expect(await read()).toBe(expected ?? before);
        expect((await cluster.get<Status>('wt', 'acme')).status?.drift).toMatchObject({ manager: 'kubectl-patch' });
      });

      it('an object that was deleted', async () => {
        await kubectl('delete', 'service', 'admin', '--namespace=whisper-acme');

        await until(async () =>
          (await kubectl('get', 'services', '--namespace=whisper-acme', '--output=name')).includes('admin'),
        );
      });

      it('in events that a person can read', async () => {
        await until(async () =>
          (
            await kubectl(
              'get',
              'events',
              '--field-selector=reason=DriftCorrected',
              '--output=jsonpath={.items[*].message}',
            )
          ).includes('kubectl-patch changed'),
        );
      });
    });

    describe('says what is wrong in words of the manifest’s author:', () => {
      it.each([
        [
          'a secret that is not there',
          {
            sso: {
              type: 'oidc',
              oidc: { issuer: 'https://idp.example', clientId: 'c', clientSecretRef: { name: 'idp' } },
            },
          },
          'SecretMissing',
          /spec\.sso\.oidc\.clientSecretRef: there is no Secret "idp" with the label whisperengine\.ai\/tenant=broken-\d in the namespace whisper-system/,
        ],
        [
          'a backend that is not there',
          { models: { backends: [{ ref: 'nowhere' }] } },
          'SecretMissing',
          /"nowhere" is named, and there is no ModelBackend of that name/,
        ],
        [
          'an issuer that does not answer',
          { sso: { type: 'oidc', oidc: { issuer: 'http://127.0.0.1:4799', clientId: 'c' } } },
          'IssuerUnusable',
          /The issuer http:\/\/127\.0\.0\.1:4799 cannot be used: .*ECONNREFUSED/,
        ],
        [
          'metadata that nobody answers with',
          { sso: { type: 'saml', saml: { metadataUrl: 'http://127.0.0.1:4799/metadata' } } },
          'MetadataUnusable',
          /metadata_unreachable: .*ECONNREFUSED.* Check spec\.sso\.saml\.metadataUrl/,
        ],
        ['a shard that is not there', { database: { shard: 'mars' } }, 'NoShard', /there is no shard "mars"/],
        [
          'a host that another tenant has',
          { domains: [{ host: 'acme.chat.example' }] },
          'Conflict',
          /Another tenant already has one of the hosts/,
        ],
      ])('%s', async (what, spec, reason, message) => {
        const name = `broken-${['a secret', 'a backend', 'an issuer', 'a shard', 'a host', 'metadata'].findIndex((start) => what.startsWith(start))}`;
        await cluster.apply(tenant(name, { isolation: 'pooled', ...spec }));

        await until(async () => (await conditionOf(name, 'Ready'))?.reason === reason);

        const ready = await conditionOf(name, 'Ready');
        expect(ready?.status).toBe('False');
        expect(ready?.message).toMatch(message);
        expect(await kubectl('get', 'wt', name)).toContain(reason);
      });

      it('and goes on by itself when it is there', async () => {
        await cluster.apply(secret('late', { value: 'made at run time' }, 'backend-late'));
        await cluster.apply({
          apiVersion: 'whisperengine.ai/v1alpha1',
          kind: 'ModelBackend',
          metadata: { name: 'nowhere' },
          spec: { provider: 'demo' },
        });

        await cluster.wait('wt/broken-1', 'Ready');
      });

      it('never reads a secret that is labelled for another tenant', async () => {
        await cluster.apply(secret('idp', { value: 'made at run time' }, 'acme'));
        await new Promise((resolve) => setTimeout(resolve, 1_500));

        expect(await conditionOf('broken-0', 'Ready')).toMatchObject({ status: 'False', reason: 'SecretMissing' });
      });
    });

    describe('is told of by the command line:', () => {
      const whisper = (...args: string[]) => runCli([...args, '--kubeconfig', cluster.plane.kubeconfig]);

      it('all tenants, a line each', async () => {
        const { stdout } = await whisper('status');

        expect(stdout).toMatch(/^NAME +READY +STATUS/);
        expect(stdout).toMatch(/acme +True +Ready +main +1\.0\.0 +acme\.chat\.example/);
      });

      it('one tenant with its conditions, addresses and objects', async () => {
        const { stdout } = await whisper('status', 'acme');

        expect(stdout).toContain('DatabaseReady        True     Migrated: ');
        expect(stdout).toContain('chat                 https://acme.chat.example');
        expect(stdout).toMatch(/Deployment chat {2}1\/1 serve/);
      });

      it('what happened to it', async () => {
        const { stdout } = await whisper('events', '--tenant', 'acme');

        expect(stdout).toMatch(/Warning +DriftCorrected/);
      });

      it('what a changed manifest would change, before it does', async () => {
        const file = join(installRoot(), 'examples/tenants/acme.yaml');
        const same = await whisper('diff', '--filename', file);
        const changed = join(cluster.secrets, 'changed.yaml');
        await writeFile(
          changed,
          (await readFile(file, 'utf8')).replace('displayName: Acme Research', 'displayName: Acme Works'),
        );

        const other = await whisper('diff', '--filename', changed);

        expect(same.stdout).toContain('- displayName: Acme Laboratories');
        expect(same.stdout).toContain('+ displayName: Acme Research');
        expect(other.stdout).toContain('~ ConfigMap tenant');
        expect(other.stdout).not.toContain('HorizontalPodAutoscaler');
        expect(other.stdout).toMatch(/~ Deployment chat\n +- .*config-hash/);
        expect(other.code).toBe(1);
        const data = '--output=jsonpath={.data.tenant\\.json}';
        expect(await kubectl('get', 'configmap', 'tenant', '--namespace=whisper-acme', data)).toContain(
          'Acme Laboratories',
        );
      });

      it('a tenant that is not there, with those that are', async () => {
        const { code, stderr } = await whisper('status', 'nobody');

        expect(code).toBe(1);
        expect(stderr).toMatch(/There is no tenant "nobody" in this cluster\.\n +There are: acme, /);
      });
    });

    it('leaves a paused tenant alone', async () => {
      await runCli(['pause', '--tenant', 'acme', '--kubeconfig', cluster.plane.kubeconfig]);
      await until(async () => (await conditionOf('acme', 'Paused'))?.status === 'True');
      await kubectl('delete', 'service', 'admin', '--namespace=whisper-acme');
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(await kubectl('get', 'services', '--namespace=whisper-acme', '--output=name')).not.toContain('admin');

      await runCli(['resume', '--tenant', 'acme', '--kubeconfig', cluster.plane.kubeconfig]);

      await until(async () =>
        (await kubectl('get', 'services', '--namespace=whisper-acme', '--output=name')).includes('admin'),
      );
      await until(async () => (await conditionOf('acme', 'Paused')) === undefined);
    });

    it('runs no pod of a suspended tenant, and brings it back', async () => {
      await kubectl('patch', 'wt', 'acme', '--type=merge', '--patch={"spec":{"suspended":true}}');
      await until(async () => (await cluster.get<Status>('wt', 'acme')).status?.phase === 'Suspended');
      await until(
        async () => (await kubectl('get', 'pods', '--namespace=whisper-acme', '--output=name')).trim() === '',
        60_000,
      );

      await kubectl('patch', 'wt', 'acme', '--type=merge', '--patch={"spec":{"suspended":false}}');

      await cluster.wait('wt/acme', 'Ready');
    });

    it('hands a dedicated tenant to the shared apps, and takes its logins back', async () => {
      await cluster.apply(tenant('mover'));
      await cluster.wait('wt/mover', 'Ready');
      const { status } = await cluster.get<{ status: { schema: string } }>('wt', 'mover');
      expect(await mayLogIn(status.schema)).toBe(true);

      await kubectl('patch', 'wt', 'mover', '--type=merge', '--patch={"spec":{"isolation":"pooled"}}');

      await until(async () => !(await mayLogIn(status.schema)));
      await until(async () => !(await kubectl('get', 'namespaces', '--output=name')).includes('whisper-mover'), 60_000);
      await cluster.wait('wt/mover', 'Ready');
      expect(
        (await cluster.get<{ status: { schema: string; namespace?: string } }>('wt', 'mover')).status,
      ).toMatchObject({
        schema: status.schema,
      });
    }, 120_000);

    describe('takes a tenant apart by its policy:', () => {
      const make = async (name: string, policy: string) => {
        await cluster.apply(tenant(name, { database: { deletionPolicy: policy } }));
        await cluster.wait(`wt/${name}`, 'Ready');
        return (await cluster.get<{ status: { schema: string } }>('wt', name)).status.schema;
      };
      const hasSchema = (schema: string) => onShard('select 1 from pg_namespace where nspname = $1', schema);

      it.each([
        ['keeps', 'Retain', true],
        ['drops', 'Delete', false],
        ['exports and drops', 'Snapshot', false],
      ])(
        '%s the data of a tenant with %s',
        async (_does, policy, isKept) => {
          const name = `gone-${policy.toLowerCase()}`;
          const schema = await make(name, policy);

          await kubectl('delete', 'wt', name, '--timeout=100s');

          expect(await hasSchema(schema)).toBe(isKept);
          expect(await kubectl('get', 'namespaces', '--output=name')).not.toContain(`whisper-${name}`);
        },
        150_000,
      );

      it('gives a retained tenant its data back when it comes again', async () => {
        await cluster.apply(tenant('gone-retain'));

        await cluster.wait('wt/gone-retain', 'Ready');

        const { status } = await cluster.get<{ status: { schema: string } }>('wt', 'gone-retain');
        expect(await hasSchema(status.schema)).toBe(true);
      });
    });

    it('goes on where it was after it was killed with -9', async () => {
      await cluster.stopOperator('SIGKILL');
      await cluster.apply(tenant('after-kill'));
      await kubectl('delete', 'service', 'admin', '--namespace=whisper-acme');

      await cluster.startOperator();

      await cluster.wait('wt/after-kill', 'Ready');
      await until(async () =>
        (await kubectl('get', 'services', '--namespace=whisper-acme', '--output=name')).includes('admin'),
      );
    }, 120_000);
  });
});
