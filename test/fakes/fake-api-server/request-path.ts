import { type ApiResource, apiVersionOf } from '#operator/runtime/api-resource.js';
import type { FakeResource } from './fake-resource.js';

/** What an address names. */
export interface Target {
  readonly resource: FakeResource;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** The parts of `/api/v1/…` or `/apis/GROUP/VERSION/…`; null for any other address. */
function split(path: string): { apiVersion: string; parts: string[] } | null {
  const [, root, ...parts] = path.split('/').map(decodeURIComponent);
  if (root === 'api' && parts.length > 0) return { apiVersion: parts[0] ?? '', parts: parts.slice(1) };
  if (root === 'apis' && parts.length > 1)
    return { apiVersion: `${parts[0] ?? ''}/${parts[1] ?? ''}`, parts: parts.slice(2) };
  return null;
}

/** What `path` names among `resources`; null where there is no such thing. */
export function targetOf(resources: readonly FakeResource[], path: string): Target | null {
  const found = split(path);
  if (found === null || found.parts.length === 0) return null;
  const { apiVersion, parts } = found;
  const isInNamespace =
    parts[0] === 'namespaces' && parts.length > 2 && parts[2] !== 'status' && parts[2] !== 'finalize';
  const [plural, name, subresource] = isInNamespace ? parts.slice(2) : parts;
  const resource = resources.find((one) => apiVersionOf(one) === apiVersion && one.plural === plural);
  if (resource === undefined) return null;
  return { resource, namespace: isInNamespace ? parts[1] : undefined, name, subresource };
}

/** The list of kinds of a group version, where `path` asks for it. */
export function discoveryOf(resources: readonly ApiResource[], path: string): object | null {
  const found = split(path);
  if (found === null || found.parts.length > 0) return null;
  const rows = resources.filter((one) => apiVersionOf(one) === found.apiVersion);
  if (rows.length === 0) return null;
  const list = rows.map(({ plural, kind, namespaced }) => ({
    name: plural,
    kind,
    namespaced,
    singularName: '',
    verbs: [],
  }));
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: found.apiVersion, resources: list };
}
