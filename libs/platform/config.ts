import { z } from 'zod';
import { TokenClient } from '#libs/contracts/token-exchange.js';

const Port = z.coerce.number().int().min(1).max(65_534);

/** Where a setting comes from; `otherwise` says the default where it is not a constant. */
interface SettingSource {
  readonly option?: string;
  readonly variable?: string;
  readonly otherwise?: string;
}

const setting = (description: string, source: SettingSource = {}) => ({ description, ...source });

/** Every setting, with a default that works on one machine. The reference page is made from this. */
export const ConfigSchema = z.object({
  host: z
    .string()
    .default('127.0.0.1')
    .meta(setting('Address to listen on.', { option: '--host', variable: 'WHISPER_HOST' })),
  port: Port.default(4780).meta(
    setting('Public port. The internal port is the next one.', { option: '--port', variable: 'WHISPER_PORT' }),
  ),
  publicUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta(
      setting('Address people use, where a proxy stands in front. Tenants live at <name>.<its host>.', {
        option: '--public-url',
        variable: 'WHISPER_PUBLIC_URL',
      }),
    ),
  trustedProxies: z
    .array(z.string())
    .default([])
    .meta(
      setting('CIDRs whose X-Forwarded-* headers are believed, separated by commas.', {
        option: '--trusted-proxies',
        variable: 'WHISPER_TRUSTED_PROXIES',
      }),
    ),
  tenants: z.string().meta(
    setting('Folder of tenant and backend manifests.', {
      option: '--tenants',
      variable: 'WHISPER_TENANTS',
      otherwise: 'examples/tenants',
    }),
  ),
  secrets: z.string().meta(
    setting('Folder of secrets, as <tenant>/<name>/<key>, and of the master key.', {
      option: '--secrets',
      variable: 'WHISPER_SECRETS',
      otherwise: '<data>/secrets',
    }),
  ),
  data: z.string().meta(
    setting('Folder of everything that must survive.', {
      option: '--data',
      variable: 'WHISPER_DATA',
      otherwise: '/var/lib/whisper as root, else $XDG_DATA_HOME/whisper',
    }),
  ),
  databaseUrl: z
    .string()
    .optional()
    .meta(
      setting('PostgreSQL 16 or newer, of a login with CREATEROLE, instead of the embedded one.', {
        variable: 'DATABASE_URL',
        otherwise: 'the embedded PostgreSQL',
      }),
    ),
  redisUrl: z
    .string()
    .optional()
    .meta(
      setting('Redis for jobs, messages and counters between replicas.', {
        variable: 'REDIS_URL',
        otherwise: 'jobs in PostgreSQL, the rest in the process',
      }),
    ),
  tenantFile: z
    .string()
    .optional()
    .meta(
      setting(
        'In a cluster, the mounted row of the one tenant that this process serves; DATABASE_URL is then its own login.',
        {
          variable: 'WHISPER_TENANT_FILE',
          otherwise: 'the tenants of the control database',
        },
      ),
    ),
  backendsFile: z
    .string()
    .optional()
    .meta(
      setting('The mounted model backends of that tenant.', {
        variable: 'WHISPER_BACKENDS_FILE',
        otherwise: 'backends.json beside WHISPER_TENANT_FILE',
      }),
    ),
  shards: z
    .string()
    .optional()
    .meta(
      setting(
        "In a cluster, the folder of the apps' logins as <shard>/url; DATABASE_URL is then their login of the control database, and no role or schema is made.",
        { variable: 'WHISPER_SHARDS', otherwise: 'tenants live in the database of DATABASE_URL' },
      ),
    ),
  isolation: z
    .enum(['dedicated', 'pooled'])
    .optional()
    .meta(
      setting('With WHISPER_SHARDS, the tenants that are served: dedicated or pooled.', {
        variable: 'WHISPER_ISOLATION',
        otherwise: 'all of them',
      }),
    ),
  serviceKeys: z
    .string()
    .optional()
    .meta(
      setting('File of the private keys of service tokens that all replicas share.', {
        variable: 'WHISPER_SERVICE_KEYS',
        otherwise: 'keys of this process, published on its internal port',
      }),
    ),
  clusterKeys: z
    .string()
    .optional()
    .meta(
      setting(
        'In a cluster, the file with the public keys of its ServiceAccount tokens, by which the router knows pods that ask for service tokens.',
        { variable: 'WHISPER_CLUSTER_KEYS', otherwise: 'no pod is given a service token' },
      ),
    ),
  tokenClients: z
    .array(TokenClient)
    .default([])
    .meta(
      setting(
        'With WHISPER_CLUSTER_KEYS, the service accounts that are given service tokens, as chat=<namespace>/<account>, separated by commas.',
        { variable: 'WHISPER_TOKEN_CLIENTS' },
      ),
    ),
  podToken: z
    .string()
    .optional()
    .meta(
      setting(
        'In a cluster, the file of the ServiceAccount token that chat and admin exchange at the router for service tokens.',
        { variable: 'WHISPER_POD_TOKEN', otherwise: 'service tokens are signed in the process' },
      ),
    ),
  routerUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta(
      setting('Internal address of the router, where it runs apart.', {
        variable: 'WHISPER_ROUTER_URL',
        otherwise: "this process's own",
      }),
    ),
  issuerUrls: z
    .array(z.url({ protocol: /^https?$/ }))
    .optional()
    .meta(
      setting('Internal addresses of the apps whose service tokens the router believes, separated by commas.', {
        variable: 'WHISPER_ISSUER_URLS',
        otherwise: "this process's own",
      }),
    ),
  internalHost: z
    .string()
    .default('127.0.0.1')
    .meta(setting('Address the internal port listens on.', { variable: 'WHISPER_INTERNAL_HOST' })),
  otlpEndpoint: z
    .string()
    .optional()
    .meta(
      setting('OTLP/HTTP endpoint for traces.', { variable: 'OTEL_EXPORTER_OTLP_ENDPOINT', otherwise: 'no tracing' }),
    ),
  traceRatio: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(0.25)
    .meta(setting('Share of requests that are traced, 0 to 1.', { variable: 'WHISPER_TRACE_RATIO' })),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .meta(
      setting('Least level that is logged: debug, info, warn, error or silent.', { variable: 'WHISPER_LOG_LEVEL' }),
    ),
  tenantAddresses: z
    .enum(['public', 'any'])
    .default('public')
    .meta(
      setting(
        'Where an identity provider may be that an admin names on the admin page: public, or any for private networks and this machine, too.',
        {
          variable: 'WHISPER_TENANT_ADDRESSES',
          otherwise: 'any while only this machine is listened to, else public',
        },
      ),
    ),
  probeModels: z
    .stringbool()
    .default(true)
    .meta(setting('Look for model servers on loopback.', { variable: 'WHISPER_PROBE_MODELS' })),
  probePorts: z
    .object({ ollama: Port, vllm: Port, lmstudio: Port, llamacpp: Port })
    .default({ ollama: 11434, vllm: 8000, lmstudio: 1234, llamacpp: 8080 })
    .meta(setting('Where to look for them; all four must be named.', { variable: 'WHISPER_PROBE_PORTS' })),
  bootId: z.string().meta(setting('Names this start of this process; made anew each time.')),
});

export type Config = z.infer<typeof ConfigSchema>;
