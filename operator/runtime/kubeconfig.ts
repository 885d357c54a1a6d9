import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { KubeApiError } from './kube-api-error.js';
import type { Connection, Credentials } from './connection.js';

interface KubeconfigChoice {
  /** Path of a kubeconfig file; unset: the pod's own service account, else $KUBECONFIG, else ~/.kube/config. */
  readonly path?: string;
  readonly context?: string;
}

/**
 * The way to the cluster that a kubeconfig names, with every way of signing in that client-node knows.
 * @throws {KubeApiError} `NoAnswer` when there is no usable kubeconfig
 */
export function connectionOf(choice: KubeconfigChoice = {}): Connection & { readonly namespace?: string } {
  const config = load(choice);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw unusable('the kubeconfig names no cluster for its current context');
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace;
  return {
    server: cluster.server.replace(/\/+$/, ''),
    credentials: () => credentialsOf(config),
    ...(namespace !== undefined && { namespace }),
  };
}

function load(choice: KubeconfigChoice): KubeConfig {
  const config = new KubeConfig();
  try {
    if (choice.path === undefined) config.loadFromDefault();
    else config.loadFromFile(choice.path);
  } catch (error) {
    throw unusable(`the kubeconfig cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (choice.context !== undefined) {
    if (config.getContextObject(choice.context) === null)
      throw unusable(`the kubeconfig has no context "${choice.context}"`);
    config.setCurrentContext(choice.context);
  }
  return config;
}

/** client-node reads token and CA files again on each call, and renews exec and OIDC tokens. */
async function credentialsOf(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const headers = textHeaders(options.headers);
  if (typeof options.auth === 'string')
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  const ca = text(options.ca);
  const cert = text(options.cert);
  const key = text(options.key);
  return {
    headers,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(options.servername !== undefined && { servername: options.servername }),
    ...(options.rejectUnauthorized !== undefined && { rejectUnauthorized: options.rejectUnauthorized }),
  };
}

function textHeaders(headers: RequestOptions['headers']): Record<string, string> {
  const pairs = Object.entries(headers ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name.toLowerCase(), String(value)] as const],
  );
  return Object.fromEntries(pairs);
}

function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return Buffer.isBuffer(value) ? value.toString('utf8') : undefined;
}

function unusable(message: string): KubeApiError {
  return new KubeApiError({ status: 0, reason: 'NoAnswer', message });
}
