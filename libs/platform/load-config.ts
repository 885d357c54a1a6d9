import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { AppError } from '#libs/kernel/errors.js';
import { type Config, ConfigSchema } from './config.js';
import { installRoot } from './install-root.js';

/** Options of the command line, as commander gives them. */
export interface StartOptions {
  readonly tenants?: string;
  readonly secrets?: string;
  readonly data?: string;
  readonly port?: string;
  readonly host?: string;
  readonly publicUrl?: string;
  readonly trustedProxies?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds the options that `whisper start` and `npm start` share. */
export function addStartOptions(command: Command): Command {
  return command
    .option('--tenants <dir>', 'folder of tenant and backend manifests', undefined)
    .option('--secrets <dir>', 'folder of secrets: <tenant>/<name>/<key>', undefined)
    .option('--data <dir>', 'folder of everything that must survive', undefined)
    .option('--port <n>', 'public port; the internal one is the next (default: 4780)')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--public-url <url>', 'address people use, where a proxy stands in front')
    .option('--trusted-proxies <cidrs>', 'proxies whose forwarded headers are believed, separated by commas');
}

/** The data folder of this user: root's is the system's. */
function defaultData(environment: Environment): string {
  if (process.getuid?.() === 0) return '/var/lib/whisper';
  return join(environment['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'whisper');
}

function list(text: string | undefined): string[] | undefined {
  return text
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function probePorts(text: string | undefined): Record<string, string> | undefined {
  return text === undefined
    ? undefined
    : Object.fromEntries(
        text.split(',').map((pair) => pair.split('=', 2).map((part) => part.trim()) as [string, string]),
      );
}

/** What a person calls the setting `field`: `--port (WHISPER_PORT)`. */
function settingName(field: string): string {
  const schema = Object.entries(ConfigSchema.shape).find(([key]) => key === field)?.[1];
  const { option, variable } = schema?.meta() ?? {};
  if (typeof option === 'string' && typeof variable === 'string') return `${option} (${variable})`;
  return typeof variable === 'string' ? variable : field;
}

/**
 * The configuration from options, then the environment, then the defaults.
 * @throws {AppError} start_failed naming the option
 */
export function loadConfig(options: StartOptions, environment: Environment = currentEnvironment()): Config {
  const data = resolve(options.data ?? environment['WHISPER_DATA'] ?? defaultData(environment));
  const parsed = ConfigSchema.safeParse({
    host: options.host ?? environment['WHISPER_HOST'],
    port: options.port ?? environment['WHISPER_PORT'],
    publicUrl: options.publicUrl ?? environment['WHISPER_PUBLIC_URL'],
    trustedProxies: list(options.trustedProxies ?? environment['WHISPER_TRUSTED_PROXIES']),
    tenants: resolve(options.tenants ?? environment['WHISPER_TENANTS'] ?? join(installRoot(), 'examples', 'tenants')),
    secrets: resolve(options.secrets ?? environment['WHISPER_SECRETS'] ?? join(data, 'secrets')),
    data,
    databaseUrl: environment['DATABASE_URL'] === '' ? undefined : environment['DATABASE_URL'],
    redisUrl: environment['REDIS_URL'] === '' ? undefined : environment['REDIS_URL'],
    ...clusterSettings(environment),
    routerUrl: environment['WHISPER_ROUTER_URL'],
    tokenClients: list(environment['WHISPER_TOKEN_CLIENTS']),
    issuerUrls: list(environment['WHISPER_ISSUER_URLS']),
    internalHost: environment['WHISPER_INTERNAL_HOST'],
    otlpEndpoint: environment['OTEL_EXPORTER_OTLP_ENDPOINT'],
    traceRatio: environment['WHISPER_TRACE_RATIO'],
    logLevel: environment['WHISPER_LOG_LEVEL'],
    tenantAddresses: environment['WHISPER_TENANT_ADDRESSES'] ?? defaultReach(options, environment),
    probeModels: environment['WHISPER_PROBE_MODELS'],
    probePorts: probePorts(environment['WHISPER_PROBE_PORTS']),
    bootId: randomUUID(),
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = String(issue?.path[0] ?? '');
  throw new AppError('start_failed', `${settingName(field)}: ${issue?.message ?? 'is not understood'}.`, {
    field,
  });
}

/** Whoever reaches the pages of a process that only this machine is listened to from reaches its network anyway. */
function defaultReach(options: StartOptions, environment: Environment): Config['tenantAddresses'] {
  const host = options.host ?? environment['WHISPER_HOST'] ?? '127.0.0.1';
  const isNamed = (options.publicUrl ?? environment['WHISPER_PUBLIC_URL'] ?? '') !== '';
  return !isNamed && ['127.0.0.1', 'localhost', '::1'].includes(host) ? 'any' : 'public';
}

/** An empty variable is the same as none: a chart writes one where a value is not set. */
function clusterSettings(environment: Environment): Record<string, string | undefined> {
  const given = (name: string) => (environment[name] === '' ? undefined : environment[name]);
  const tenantFile = given('WHISPER_TENANT_FILE');
  return {
    tenantFile,
    backendsFile:
      given('WHISPER_BACKENDS_FILE') ??
      (tenantFile === undefined ? undefined : join(tenantFile, '..', 'backends.json')),
    shards: given('WHISPER_SHARDS'),
    isolation: given('WHISPER_ISOLATION'),
    serviceKeys: given('WHISPER_SERVICE_KEYS'),
    clusterKeys: given('WHISPER_CLUSTER_KEYS'),
    podToken: given('WHISPER_POD_TOKEN'),
  };
}

/** The one place that reads the environment. */
function currentEnvironment(): Environment {
  // oxlint-disable-next-line no-process-env -- everything else takes its settings from here
  return process.env;
}
