import { describe, expect, it } from '@jest/globals';
import { renderInput } from '#test/support/render-input.js';
import type { AppName } from '#libs/contracts/workload-settings.js';
import { imageOf, knownImages } from './image.js';
import { podEnvironment } from './pod-environment.js';
import { podTemplate } from './pod-template.js';
import type { RenderFacts } from './render-input.js';
import { configHash } from './tenant-config.js';

const digest = `sha256:${'0'.repeat(64)}`;

describe('the image', () => {
  it.each([
    ['follows the version', {}, '1.2.0', 'whisperengine/whisper:1.2.0'],
    ['may have another registry and name', { registry: 'r.example', repository: 'w' }, '1.2.0', 'r.example/w:1.2.0'],
    ['may have a tag', { tag: 'nightly' }, '1.2.0', 'whisperengine/whisper:nightly'],
    ['is held by a digest', { digest, tag: 'x' }, '1.2.0', `whisperengine/whisper@${digest}`],
    ['of another version has its own tag', { digest, tag: 'x' }, '1.1.0', 'whisperengine/whisper:1.1.0'],
  ])('%s', (_case, image, version, expected) => {
    expect(imageOf(renderInput({ platform: { image } }).platform, version)).toBe(expected);
  });

  it('of another version is the one that is known of it', () => {
    const { platform } = renderInput({ platform: { image: { registry: 'new.example', digest } } });
    const known = knownImages(
      platform,
      [
        { version: '1.0.0', image: 'old.example/w@sha256:1' },
        { version: '1.1.0', image: 'old.example/w@sha256:2' },
        { version: '1.2.0', image: 'old.example/w@sha256:3' },
      ],
      new Set(['1.1.0', '1.2.0']),
    );

    expect(known).toEqual([
      { version: '1.1.0', image: 'old.example/w@sha256:2' },
      { version: '1.2.0', image: `new.example/whisperengine/whisper@${digest}` },
    ]);
    expect(imageOf(platform, '1.1.0', known)).toBe('old.example/w@sha256:2');
    expect(imageOf(platform, '1.2.0', known)).toBe(`new.example/whisperengine/whisper@${digest}`);
  });
});

describe('a pod', () => {
  it('fits Pod Security restricted', () => {
    expect(podTemplate('chat', renderInput())).toMatchObject({
      spec: {
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
          },
        ],
      },
    });
  });

  it('has longer to end than the load balancers and the running answers need', () => {
    const { spec } = podTemplate('chat', renderInput()) as {
      spec: {
        terminationGracePeriodSeconds: number;
        containers: { lifecycle: { preStop: { sleep: { seconds: number } } } }[];
      };
    };
    const appGraceSeconds = 90;

    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(
      appGraceSeconds + (spec.containers[0]?.lifecycle.preStop.sleep.seconds ?? 0),
    );
  });

  it('mounts each secret where its reader looks, and the keys apart', () => {
    const secrets = [
      { owner: 'acme', name: 'oidc', key: 'client-secret', value: 'a' },
      { owner: 'backend-vllm', name: 'vllm', key: 'value', value: 'b' },
    ];

    expect(podTemplate('router', renderInput({ facts: { secrets } }))).toMatchObject({
      spec: {
        volumes: expect.arrayContaining([
          {
            name: 'secrets',
            projected: {
              defaultMode: 0o440,
              sources: [
                { secret: { name: 'keys', items: [{ key: 'master-key', path: 'master-key' }] } },
                {
                  secret: {
                    name: 'sso',
                    items: [{ key: 'acme.oidc.client-secret', path: 'acme/oidc/client-secret' }],
                  },
                },
                {
                  secret: {
                    name: 'backends',
                    items: [{ key: 'backend-vllm.vllm.value', path: 'backend-vllm/vllm/value' }],
                  },
                },
              ],
            },
          },
        ]),
      },
    });
  });

  it('mounts the keys of service tokens for the router alone', () => {
    const keys = {
      name: 'keys',
      secret: {
        secretName: 'keys',
        defaultMode: 0o440,
        items: [
          { key: 'service-keys.json', path: 'service-keys.json' },
          { key: 'cluster-keys.json', path: 'cluster-keys.json' },
        ],
      },
    };

    expect(podTemplate('router', renderInput())).toMatchObject({
      spec: { volumes: expect.arrayContaining([keys]) as unknown },
    });
    for (const app of ['chat', 'admin'] as const)
      expect(JSON.stringify(podTemplate(app, renderInput()))).not.toMatch(/service-keys|cluster-keys/);
  });

  it.each(['chat', 'admin'] as const)(
    'gives %s a token of its own for the router, and none for the API server',
    (app) => {
      expect(podTemplate(app, renderInput())).toMatchObject({
        spec: {
          serviceAccountName: app,
          automountServiceAccountToken: false,
          volumes: expect.arrayContaining([
            {
              name: 'identity',
              projected: {
                defaultMode: 0o440,
                sources: [
                  { serviceAccountToken: { audience: 'whisper-tokens', expirationSeconds: 600, path: 'token' } },
                ],
              },
            },
          ]) as unknown,
          containers: [
            {
              volumeMounts: expect.arrayContaining([
                { name: 'identity', mountPath: '/etc/whisper/identity', readOnly: true },
              ]) as unknown,
            },
          ],
        },
      });
      expect(JSON.stringify(podTemplate('router', renderInput()))).not.toContain('serviceAccountToken":{');
    },
  );

  it('uses the pull secrets that were copied beside it', () => {
    expect(podTemplate('chat', renderInput({ facts: { pullSecrets: { registry: '{}' } } }))).toMatchObject({
      spec: { imagePullSecrets: [{ name: 'registry' }] },
    });
  });
});

describe('the environment', () => {
  const valueOf = (app: 'chat' | 'router', name: string, platform: object = {}) =>
    podEnvironment(app, renderInput({ platform })).find((variable) => variable.name === name);

  it('takes what is secret from a Secret', () => {
    expect(valueOf('chat', 'DATABASE_URL')?.valueFrom).toEqual({ secretKeyRef: { name: 'database', key: 'url' } });
    expect(valueOf('chat', 'REDIS_URL')?.valueFrom).toEqual({
      secretKeyRef: { name: 'redis', key: 'url', optional: true },
    });
  });

  it('tells chat where the router is, and the router whom to believe', () => {
    expect(valueOf('chat', 'WHISPER_ROUTER_URL')?.value).toBe('http://router:4781');
    expect(valueOf('router', 'WHISPER_ROUTER_URL')).toBeUndefined();
    expect(valueOf('router', 'WHISPER_TOKEN_CLIENTS')?.value).toBe('chat=whisper-acme/chat,admin=whisper-acme/admin');
  });

  it('names the keys of service tokens to the router, and the token of their pod to the others', () => {
    const named = (app: AppName) =>
      podEnvironment(app, renderInput()).flatMap(({ name, value }) =>
        /KEYS|POD_TOKEN/.test(name) ? [`${name}=${value}`] : [],
      );

    expect(named('router')).toEqual([
      'WHISPER_SERVICE_KEYS=/etc/whisper/keys/service-keys.json',
      'WHISPER_CLUSTER_KEYS=/etc/whisper/keys/cluster-keys.json',
    ]);
    for (const app of ['chat', 'admin'] as const)
      expect(named(app)).toEqual(['WHISPER_POD_TOKEN=/etc/whisper/identity/token']);
  });

  it('hands on what the platform says', () => {
    const platform = { publicUrl: 'https://chat.example', trustedProxies: ['10.0.0.0/8', 'fd00::/8'] };

    expect(valueOf('chat', 'WHISPER_PUBLIC_URL', platform)?.value).toBe('https://chat.example');
    expect(valueOf('chat', 'WHISPER_TRUSTED_PROXIES', platform)?.value).toBe('10.0.0.0/8,fd00::/8');
    expect(valueOf('chat', 'WHISPER_TRUSTED_PROXIES')).toBeUndefined();
  });
});

describe('the hash of the settings', () => {
  const base = renderInput();
  const withFacts = (facts: Partial<RenderFacts>) => configHash(renderInput({ facts }));

  it.each<[string, Partial<RenderFacts>]>([
    ['the database login', { databaseUrl: 'postgres://other@h/d' }],
    ['the Redis login', { redisUrl: null }],
    ['the master key', { masterKey: 'another' }],
    ['a secret', { secrets: [{ owner: 'acme', name: 'oidc', key: 'value', value: 'x' }] }],
    ['a backend', { backends: [{ name: 'b', revision: 'r', spec: { provider: 'demo' } }] }],
  ])('changes with %s', (_case, facts) => {
    expect(withFacts(facts)).not.toBe(configHash(base));
  });

  it('changes with the compiled tenant', () => {
    expect(configHash({ ...base, compiled: { ...base.compiled, epoch: 2 } })).not.toBe(configHash(base));
  });

  it('stays when an edit of the manifest says nothing to the pods', () => {
    expect(configHash({ ...base, compiled: { ...base.compiled, revision: 'r2' } })).toBe(configHash(base));
  });

  it('stays when service keys turn, or when only the order of fields differs', () => {
    const { id, ...rest } = base.compiled;

    expect(withFacts({ serviceKeys: '[1]', clusterKeys: '[2]' })).toBe(configHash(base));
    expect(configHash({ ...base, compiled: { ...rest, id } })).toBe(configHash(base));
  });
});
