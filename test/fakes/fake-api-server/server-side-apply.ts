import { isDeepStrictEqual } from 'node:util';
import { ApiFailure } from './api-status.js';
import type { FakeResource } from './fake-resource.js';
import { type JsonObject, decodePath, mergeFields, removeLeaf } from './field-path.js';
import { type Claim, claimOf, managedLeaves } from './managed-fields.js';

interface Apply {
  readonly resource: FakeResource;
  /** What the object is now; changed in place. */
  readonly live: JsonObject;
  readonly config: JsonObject;
  /** Changed in place. */
  readonly claims: Claim[];
  readonly manager: string;
  readonly subresource: string | undefined;
  readonly isForced: boolean;
  readonly time: string;
}

/** Makes `live` what server-side apply would. @throws {ApiFailure} 409 for fields that others hold with other values */
export function applyFields(apply: Apply): void {
  const { resource, live, config, claims, manager, subresource } = apply;
  const wanted = managedLeaves(resource, config);
  const mine = claimOf(claims, { manager, operation: 'Apply', subresource });
  const others = claims.filter((claim) => claim !== mine);
  yieldFields(apply, wanted, others);
  const before = new Set(mine.fields);
  for (const path of before) {
    if (wanted.has(path) || others.some((claim) => claim.fields.has(path))) continue;
    removeLeaf(live, decodePath(path));
  }
  mergeFields(resource, live, withoutUnmanaged(config));
  mine.fields.clear();
  for (const path of wanted.keys()) mine.fields.add(path);
  if (!isDeepStrictEqual(before, mine.fields) || mine.time === '') mine.time = apply.time;
}

function yieldFields(apply: Apply, wanted: Map<string, unknown>, others: readonly Claim[]): void {
  const present = managedLeaves(apply.resource, apply.live);
  const clashes: { claim: Claim; path: string }[] = [];
  for (const [path, value] of wanted)
    for (const claim of others)
      if (claim.fields.has(path) && !isDeepStrictEqual(present.get(path), value)) clashes.push({ claim, path });
  if (clashes.length > 0 && !apply.isForced) throw clash(clashes);
  for (const { claim, path } of clashes) claim.fields.delete(path);
}

function clash(clashes: readonly { claim: Claim; path: string }[]): ApiFailure {
  const causes = clashes.map(({ claim, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with "${claim.manager}"`,
    field: words(path),
  }));
  const list = causes.map((cause) => `${cause.message}: ${cause.field}`).join(', ');
  const count = `${causes.length} conflict${causes.length === 1 ? '' : 's'}`;
  return new ApiFailure(409, 'Conflict', `Apply failed with ${count}: ${list}`, { causes });
}

function words(path: string): string {
  return decodePath(path)
    .map((segment) => (segment.startsWith('f:') ? `.${segment.slice(2)}` : `[${segment.slice(2)}]`))
    .join('');
}

function withoutUnmanaged(config: JsonObject): JsonObject {
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = config;
  const { labels, annotations, finalizers, ownerReferences } = (metadata ?? {}) as JsonObject;
  const kept = { labels, annotations, finalizers, ownerReferences };
  const present = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
  return { ...rest, metadata: present };
}
