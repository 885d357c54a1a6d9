import type { AppName } from '#libs/contracts/workload-settings.js';
import { childNames, paths, ports } from './names.js';
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

/** Environment of the pods of one app: the contract between this renderer and libs/platform/config.ts. */
export function podEnvironment(app: AppName, { platform }: RenderInput): readonly Variable[] {
  const { publicUrl, trustedProxies = [], otlpEndpoint } = platform;
  return [
    text('WHISPER_HOST', '0.0.0.0'),
    text('WHISPER_INTERNAL_HOST', '0.0.0.0'),
    text('WHISPER_PORT', String(ports.http)),
    text('WHISPER_TENANT_FILE', paths.tenantFile),
    text('WHISPER_BACKENDS_FILE', paths.backendsFile),
    text('WHISPER_SECRETS', paths.secrets),
    text('WHISPER_SERVICE_KEYS', paths.serviceKeys),
    text('WHISPER_DATA', paths.data),
    text('WHISPER_PROBE_MODELS', 'false'),
    fromSecret('DATABASE_URL', childNames.database, false),
    fromSecret('REDIS_URL', childNames.redis, true),
    ...(app === 'router'
      ? [text('WHISPER_ISSUER_URLS', [internalUrl('chat'), internalUrl('admin')].join(','))]
      : [text('WHISPER_ROUTER_URL', internalUrl('router'))]),
    ...(publicUrl === undefined ? [] : [text('WHISPER_PUBLIC_URL', publicUrl)]),
    ...(trustedProxies.length === 0 ? [] : [text('WHISPER_TRUSTED_PROXIES', trustedProxies.join(','))]),
    ...(otlpEndpoint === undefined ? [] : [text('OTEL_EXPORTER_OTLP_ENDPOINT', otlpEndpoint)]),
  ];
}
