import { KubeApiError } from './kube-api-error.js';

/** Where the API server keeps the objects of one kind. */
export interface ApiResource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** A kind as manifests name it. */
export interface KindName {
  readonly apiVersion: string;
  readonly kind: string;
}

/** One object. `namespace` is for namespaced kinds only. */
export interface ObjectRef extends KindName {
  readonly namespace?: string;
  readonly name: string;
}

/** The place that names an object, from the object. */
export function refOf(object: KindName & { metadata: { name: string; namespace?: string } }): ObjectRef {
  const { name, namespace } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, name, ...(namespace !== undefined && { namespace }) };
}

/** `namespace/name`, or `name`: the key of an object among those of its kind. */
export function keyOf(place: { readonly name: string; readonly namespace?: string }): string {
  return place.namespace === undefined ? place.name : `${place.namespace}/${place.name}`;
}

/** `v1`, or `apps/v1`. */
export function apiVersionOf(resource: ApiResource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** Path of a version of a group, as discovery and all its resources begin. */
export function groupPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/**
 * Path of an object, or of a list without `name`; over all namespaces without `namespace`.
 * @throws {KubeApiError} when an object of a namespaced kind has no namespace, or the other way round
 */
export function resourcePath(
  resource: ApiResource,
  place: { readonly namespace?: string; readonly name?: string; readonly subresource?: string } = {},
): string {
  const { namespace, name, subresource } = place;
  if (!resource.namespaced && namespace !== undefined) throw misplaced(resource, `lives in no namespace`);
  if (resource.namespaced && name !== undefined && namespace === undefined)
    throw misplaced(resource, `"${name}" needs a namespace`);
  const parts = [groupPath(apiVersionOf(resource))];
  if (namespace !== undefined) parts.push('namespaces', encodeURIComponent(namespace));
  parts.push(resource.plural);
  if (name !== undefined) parts.push(encodeURIComponent(name));
  if (subresource !== undefined) parts.push(subresource);
  return parts.join('/');
}

function misplaced(resource: ApiResource, words: string): KubeApiError {
  return new KubeApiError({ status: 400, reason: 'BadRequest', message: `${resource.kind} ${words}` });
}

/**
 * Whether one version of an object was before another. Versions are numbers that grow, says the API's documentation
 * since 1.35, and they always were; what is no number is taken for the newer one.
 */
export function isOlder(version: string | undefined, than: string | undefined): boolean {
  const digits = /^\d+$/;
  if (version === undefined || than === undefined || !digits.test(version) || !digits.test(than)) return false;
  return BigInt(version) < BigInt(than);
}
