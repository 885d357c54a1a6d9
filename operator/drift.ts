import type { KubeObject, ManagedFields } from './runtime/kube-object.js';

/** A change of one of our objects by somebody else, put right. */
export interface Drift {
  /** Kind and name, as `Deployment chat`. */
  readonly object: string;
  readonly kind: string;
  /** The field, as `spec.replicas`; empty where the whole object was gone. */
  readonly path: string;
  /** Who did it, by its field manager; `unknown` where nobody owns the field. */
  readonly manager: string;
}

function fieldsOf(path: string): readonly string[] {
  return path.split('.').map((part) => part.replace(/\[\d+\]$/, ''));
}

/** How much of the path a manager's fields hold; keys within lists are left to the deepest match before them. */
function depth(fields: unknown, names: readonly string[]): number {
  let at = fields;
  let found = 0;
  for (const name of names) {
    if (typeof at !== 'object' || at === null || !(`f:${name}` in at)) return found;
    at = new Map<string, unknown>(Object.entries(at)).get(`f:${name}`);
    found += 1;
  }
  return found;
}

/** Who changed the field at `path`: of the others that own most of it, the last that wrote. */
export function changerOf(live: KubeObject, path: string, ourManagers: ReadonlySet<string>): string {
  const names = fieldsOf(path);
  const others = (live.metadata.managedFields ?? []).filter(
    ({ manager, subresource }) => !ourManagers.has(manager) && subresource !== 'status',
  );
  const rank = (entry: ManagedFields) => depth(entry.fieldsV1, names);
  const [best] = others.toSorted((a, b) => rank(b) - rank(a) || ((a.time ?? '') < (b.time ?? '') ? 1 : -1));
  return best === undefined || rank(best) === 0 ? 'unknown' : best.manager;
}
