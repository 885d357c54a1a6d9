import type { AppName } from '#libs/contracts/workload-settings.js';
import { childNames, namespaceOf, paths, ports } from './names.js';
import type { RenderInput } from './render-input.js';

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: object;
}

const text = (name: string, value: string): Variable => ({ name, value });

function fromSecret(name: string, secret: string, optional: boolean): Variable {
  return { name, valueFrom: { secretKeyRef: { name: secret, key: 'url', ...(optional ? { optional } : {}) } } };
}

const internalUrl = (app: AppName) => `http://${app}:${ports.internal}`;

/** The router signs service tokens, for the pods of its own namespace. */
function ofRouter(tenant: string): readonly Variable[] {
  const clients = (['chat', 'admin'] as const).map((app) => `${app}=${namespaceOf(tenant)}/${app}`);
  return [
    text('WHISPER_SERVICE_KEYS', paths.serviceKeys),
    text('WHISPER_CLUSTER_KEYS', paths.clusterKeys),
    text('WHISPER_TOKEN_CLIENTS', clients.join(',')),
  ];
}

/** The others prove themselves by what the cluster says of their pod. */
const ofRouterClient = [text('WHISPER_ROUTER_URL', internalUrl('router')), text('WHISPER_POD_TOKEN', paths.podToken)];

/** Environment of the pods of one app: the contract between this renderer and libs/platform/config.ts. */
export function podEnvironment(app: AppName, { tenant, platform }: RenderInput): readonly Variable[] {
  const { publicUrl, trustedProxies = [], otlpEndpoint } = platform;
  return [
    text('WHISPER_HOST', '0.0.0.0'),
    text('WHISPER_INTERNAL_HOST', '0.0.0.0'),
    text('WHISPER_PORT', String(ports.http)),
    text('WHISPER_TENANT_FILE', paths.tenantFile),
    text('WHISPER_BACKENDS_FILE', paths.backendsFile),
    text('WHISPER_SECRETS', paths.secrets),
    text('WHISPER_DATA', paths.data),
    text('WHISPER_PROBE_MODELS', 'false'),
    fromSecret('DATABASE_URL', childNames.database, false),
    fromSecret('REDIS_URL', childNames.redis, true),
    ...(app === 'router' ? ofRouter(tenant.name) : ofRouterClient),
    ...(publicUrl === undefined ? [] : [text('WHISPER_PUBLIC_URL', publicUrl)]),
    ...(trustedProxies.length === 0 ? [] : [text('WHISPER_TRUSTED_PROXIES', trustedProxies.join(','))]),
    ...(otlpEndpoint === undefined ? [] : [text('OTEL_EXPORTER_OTLP_ENDPOINT', otlpEndpoint)]),
  ];
}
