import { isDeepStrictEqual } from 'node:util';
import type { ManagedFields } from '#operator/runtime/kube-object.js';
import type { FakeResource } from './fake-resource.js';
import { type JsonObject, decodePath, encodePath, isObject, leavesOf } from './field-path.js';

/** One manager's entry, its fields as a flat set of paths. */
export interface Claim {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource: string | undefined;
  time: string;
  readonly fields: Set<string>;
}

/** Fields that nobody manages. */
const unmanaged = new Set(
  `apiVersion kind metadata.name metadata.namespace metadata.uid metadata.resourceVersion metadata.generation
   metadata.creationTimestamp metadata.deletionTimestamp metadata.deletionGracePeriodSeconds metadata.managedFields
   metadata.generateName`.split(/\s+/),
);

/** The leaves of an object that can have managers. */
export function managedLeaves(resource: FakeResource, object: JsonObject): Map<string, unknown> {
  const leaves = leavesOf(resource, object);
  for (const path of leaves.keys()) {
    const [first = '', second] = decodePath(path).map((segment) => segment.replace(/^f:/, ''));
    if (unmanaged.has(first) || unmanaged.has(`${first}.${second ?? ''}`)) leaves.delete(path);
    else if (first === 'metadata' && second === undefined) leaves.delete(path);
  }
  return leaves;
}

export function readClaims(entries: readonly ManagedFields[] | undefined): Claim[] {
  return (entries ?? []).map((entry) => ({
    manager: entry.manager,
    operation: entry.operation,
    subresource: entry.subresource,
    time: entry.time ?? '',
    fields: new Set(flatten(entry.fieldsV1)),
  }));
}

function flatten(tree: unknown, path: readonly string[] = []): string[] {
  const children = isObject(tree) ? Object.entries(tree) : [];
  if (children.length === 0) return path.length === 0 ? [] : [encodePath(path)];
  return children.flatMap(([segment, child]) => flatten(child, [...path, segment]));
}

export function writeClaims(claims: readonly Claim[], apiVersion: string): ManagedFields[] {
  return claims
    .filter((claim) => claim.fields.size > 0)
    .map((claim) => ({
      manager: claim.manager,
      operation: claim.operation,
      apiVersion,
      time: claim.time,
      fieldsType: 'FieldsV1',
      fieldsV1: nest([...claim.fields].sort()),
      ...(claim.subresource !== undefined && { subresource: claim.subresource }),
    }));
}

function nest(paths: readonly string[]): JsonObject {
  const root: JsonObject = {};
  for (const path of paths) {
    let node = root;
    for (const segment of decodePath(path)) {
      const child = node[segment];
      if (isObject(child)) node = child;
      else {
        const made: JsonObject = {};
        node[segment] = made;
        node = made;
      }
    }
  }
  return root;
}

/** The entry of one writer, made when it is not there. */
export function claimOf(claims: Claim[], who: Pick<Claim, 'manager' | 'operation' | 'subresource'>): Claim {
  const found = claims.find(
    (one) => one.manager === who.manager && one.operation === who.operation && one.subresource === who.subresource,
  );
  if (found !== undefined) return found;
  const claim: Claim = { ...who, time: '', fields: new Set() };
  claims.push(claim);
  return claim;
}

interface Update {
  readonly resource: FakeResource;
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly claims: Claim[];
  readonly manager: string;
  readonly subresource: string | undefined;
  readonly time: string;
}

/** A write that was no apply: whoever changed a field has it, alone. */
export function trackUpdate(update: Update): void {
  const { resource, before, after, claims, manager, subresource, time } = update;
  const old = managedLeaves(resource, before);
  const now = managedLeaves(resource, after);
  const mine = claimOf(claims, { manager, operation: 'Update', subresource });
  for (const [path, value] of now) {
    if (old.has(path) && isDeepStrictEqual(old.get(path), value)) continue;
    for (const claim of claims) claim.fields.delete(path);
    mine.fields.add(path);
    mine.time = time;
  }
  for (const path of old.keys()) if (!now.has(path)) for (const claim of claims) claim.fields.delete(path);
}
