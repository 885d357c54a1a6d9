import type { KubeObject } from '../runtime/kube-object.js';
import { child } from './child.js';
import { childNames, routerKeys } from './names.js';
import type { RenderInput, SecretFile } from './render-input.js';
import { digestOf } from './stable-json.js';

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

/** `data` of a Secret. */
export function encoded(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, base64(text)]));
}

function secret(
  input: RenderInput,
  name: string,
  texts: Readonly<Record<string, string>>,
  type = 'Opaque',
): KubeObject {
  return child(input, { apiVersion: 'v1', kind: 'Secret', name }, { type, data: encoded(texts) });
}

/**
 * Key of a secret text within a Secret that holds several. No part but the last may hold a dot, so that no two of
 * them meet.
 */
export function flatKey({ owner, name, key }: SecretFile): string {
  return `${owner}.${name}.${key}`;
}

/** Texts in one order by their keys. */
export function flatTexts(files: readonly SecretFile[]): Readonly<Record<string, string>> {
  const entries = files.map((file): [string, string] => [flatKey(file), file.value]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Secret texts of the tenant itself, as opposed to those of its backends. */
export function ownFiles({ tenant, facts }: RenderInput): readonly SecretFile[] {
  return facts.secrets.filter(({ owner }) => owner === tenant.name);
}

/** Secret texts of the backends. */
export function backendFiles({ tenant, facts }: RenderInput): readonly SecretFile[] {
  return facts.secrets.filter(({ owner }) => owner !== tenant.name);
}

/** Name of the Secret that holds the certificate of `host`. */
export function certificateName(host: string): string {
  return `tls-${digestOf(host)}`;
}

/** Every Secret of the namespace. A copy of each, so that a pod reads nothing outside of it. */
export function secrets(input: RenderInput): readonly KubeObject[] {
  const { facts } = input;
  return [
    secret(input, childNames.database, { url: facts.databaseUrl }),
    ...(facts.redisUrl === null ? [] : [secret(input, childNames.redis, { url: facts.redisUrl })]),
    secret(input, childNames.keys, {
      'master-key': facts.masterKey,
      [routerKeys.service]: facts.serviceKeys,
      [routerKeys.cluster]: facts.clusterKeys,
    }),
    secret(input, childNames.sso, flatTexts(ownFiles(input))),
    secret(input, childNames.backends, flatTexts(backendFiles(input))),
    ...facts.certificates.map(({ host, certificate, key }) =>
      secret(input, certificateName(host), { 'tls.crt': certificate, 'tls.key': key }, 'kubernetes.io/tls'),
    ),
    ...Object.entries(facts.pullSecrets).map(([name, text]) =>
      secret(input, name, { '.dockerconfigjson': text }, 'kubernetes.io/dockerconfigjson'),
    ),
  ];
}
