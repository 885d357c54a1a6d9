import { randomBytes } from 'node:crypto';
import { PlatformSpec } from '#libs/contracts/platform-spec.js';
import { TenantSpec } from '#libs/contracts/tenant-spec.js';
import { tenantId } from '#libs/kernel/ids.js';
import type { SsoSetting } from '#libs/tenancy/domain/sso-profile.js';
import { imageOf } from '#operator/resources/image.js';
import type { RenderFacts, RenderInput } from '#operator/resources/render-input.js';
import { oidcProfile } from './sso-profiles.js';
import { profileOf } from './test-database.js';

const masterKey = randomBytes(32).toString('base64');

/** What the renderer needs of a small tenant; each part can be changed. */
export function renderInput(
  change: {
    readonly spec?: object;
    readonly platform?: object;
    readonly facts?: Partial<RenderFacts>;
    readonly issuer?: string;
    readonly sso?: SsoSetting;
    readonly hosts?: readonly string[];
  } = {},
): RenderInput {
  const profile = profileOf('acme');
  const sso = oidcProfile({
    issuer: change.issuer ?? '',
    clientSecretRef: { name: 'oidc', key: 'client-secret' },
    scopes: ['openid'],
  });
  const platform = PlatformSpec.parse({ version: '1.2.0', ...change.platform });
  return {
    tenant: {
      name: 'acme',
      uid: '00000000-0000-4000-8000-00000000acce',
      spec: TenantSpec.parse({ displayName: 'Acme', owner: { email: 'owner@acme.example' }, ...change.spec }),
    },
    platform,
    compiled: {
      id: tenantId('00000000-0000-4000-8000-000000000001'),
      slug: 'acme',
      schema: 't_0123456789abcdef',
      role: 't_0123456789abcdef',
      shard: 'main',
      state: 'active',
      epoch: 1,
      revision: 'r1',
      hosts: change.hosts ?? ['acme.example'],
      manifest: { ...profile, sso: change.sso ?? (change.issuer === undefined ? null : sso) },
    },
    facts: {
      version: '1.2.0',
      image: imageOf(platform, change.facts?.version ?? '1.2.0'),
      operatorNamespace: 'whisper-system',
      databaseUrl: 'postgres://t_acme@10.1.2.3:5433/whisper',
      redisUrl: 'redis://t_acme@redis.data.svc:6379',
      masterKey,
      serviceKeys: '[]',
      clusterKeys: '{}',
      secrets: [],
      backends: [],
      certificates: [],
      pullSecrets: {},
      addresses: {},
      capabilities: { gatewayApi: true, serviceMonitor: true, customMetrics: true },
      ...change.facts,
    },
  };
}
