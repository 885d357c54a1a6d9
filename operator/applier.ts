import type { ClusterView } from './cluster-view.js';
import { difference } from './difference.js';
import { changerOf, type Drift } from './drift.js';
import { annotations, fieldManagers } from './kinds.js';
import { isOfTenant, labelNames } from './resources/names.js';
import { digestOf } from './resources/stable-json.js';
import { isOlder, keyOf, type ObjectRef, refOf } from './runtime/api-resource.js';
import type { KubeClient } from './runtime/client.js';
import { hasStatus, KubeApiError } from './runtime/kube-api-error.js';
import type { KubeObject } from './runtime/kube-object.js';

/** An object that could not be written, and why. */
export interface ApplyFailure {
  readonly object: KubeObject;
  readonly error: KubeApiError;
}

/** What one round of applying did. */
export interface ApplyReport {
  readonly failures: readonly ApplyFailure[];
  readonly drift: readonly Drift[];
  /** Objects as they are now, in the order they were asked for; without those that failed. */
  readonly live: readonly KubeObject[];
}

interface ApplierParts {
  readonly client: KubeClient;
  readonly view: Pick<ClusterView, 'child' | 'childrenOf' | 'onChild'>;
  readonly now: () => Date;
}

/** What we wrote, until a watch has brought it. */
interface Written {
  readonly object: KubeObject;
  readonly atMs: number;
}

/** A watch that is this late has brought the end of the object before we heard of our own write, in ms. */
const believedMs = 30_000;

/** Writes of one tenant at the same time: it must not hold up the others. */
const atOnce = 6;
const ours = new Set<string>(Object.values(fieldManagers));

/** Two objects are the same one when this is. */
function nameOf(ref: ObjectRef): string {
  return `${ref.apiVersion}/${ref.kind}/${keyOf(ref)}`;
}

/** Notes on the object what it was made from, so that a field we no longer want is seen to be one too many. */
function marked(object: KubeObject): KubeObject {
  const { metadata } = object;
  const noted = { ...metadata.annotations, [annotations.applied]: digestOf(object) };
  return { ...object, metadata: { ...metadata, annotations: noted } };
}

/** Holds the objects of a tenant to what they should be, and writes nothing where they are. */
export class Applier {
  private readonly written = new Map<string, Written>();

  /** Writes whose answer is awaited, with the version at which their object ended meanwhile. */
  private readonly pending = new Map<string, { endedAt?: string | undefined }>();

  constructor(private readonly parts: ApplierParts) {
    parts.view.onChild((object, before) => this.hear(object, object === before));
  }

  /** An object as it is known: what we wrote last, where no watch has brought anything newer. */
  known(ref: ObjectRef): KubeObject | undefined {
    const seen = this.parts.view.child(ref);
    const last = this.written.get(nameOf(ref));
    if (last === undefined) return seen;
    const isAhead =
      seen === undefined
        ? this.parts.now().getTime() - last.atMs < believedMs
        : isOlder(seen.metadata.resourceVersion, last.object.metadata.resourceVersion);
    if (isAhead) return last.object;
    this.written.delete(nameOf(ref));
    return seen;
  }

  /**
   * Applies what differs, in order: the first object alone, since it may be the namespace of the others. Objects of
   * the tenant that are not wanted any more are deleted.
   */
  async apply(tenant: string, wanted: readonly KubeObject[], signal: AbortSignal): Promise<ApplyReport> {
    const results: (ApplyFailure | { readonly live: KubeObject; readonly drift: Drift | null })[] = [];
    const [first, ...rest] = wanted;
    if (first !== undefined) results.push(await this.hold(first, signal));
    const [space] = results;
    // Without its namespace nothing of the tenant has a place.
    if (first?.kind === 'Namespace' && space !== undefined && 'error' in space)
      return { failures: [space], drift: [], live: [] };
    for (let index = 0; index < rest.length; index += atOnce)
      results.push(
        ...(await Promise.all(rest.slice(index, index + atOnce).map((object) => this.hold(object, signal)))),
      );
    const pruned = await this.prune(tenant, wanted, signal);
    return {
      failures: [...results.flatMap((result) => ('error' in result ? [result] : [])), ...pruned],
      drift: results.flatMap((result) => ('drift' in result && result.drift !== null ? [result.drift] : [])),
      live: results.flatMap((result) => ('live' in result ? [result.live] : [])),
    };
  }

  private hear(object: KubeObject, isGone: boolean): void {
    const name = nameOf(refOf(object));
    const { resourceVersion } = object.metadata;
    const last = this.written.get(name);
    if (isGone || (last !== undefined && !isOlder(resourceVersion, last.object.metadata.resourceVersion)))
      this.written.delete(name);
    const pending = this.pending.get(name);
    if (isGone && pending !== undefined) pending.endedAt = resourceVersion;
  }

  /** Applies, and remembers the outcome, unless the watch has told of its end already. */
  private async write(want: KubeObject, signal: AbortSignal): Promise<KubeObject> {
    const name = nameOf(refOf(want));
    const pending: { endedAt?: string | undefined } = {};
    this.pending.set(name, pending);
    try {
      const object = await this.parts.client.apply(want, { fieldManager: fieldManagers.children, force: true, signal });
      const hasEnded = 'endedAt' in pending && !isOlder(pending.endedAt, object.metadata.resourceVersion);
      if (!hasEnded) this.written.set(name, { object, atMs: this.parts.now().getTime() });
      return object;
    } finally {
      this.pending.delete(name);
    }
  }

  private async hold(
    object: KubeObject,
    signal: AbortSignal,
  ): Promise<ApplyFailure | { readonly live: KubeObject; readonly drift: Drift | null }> {
    const want = marked(object);
    const live = this.known(refOf(object));
    const path = live === undefined ? null : difference(want, live);
    if (live !== undefined && path === null) return { live, drift: null };
    try {
      if (live === undefined && object.kind === 'Namespace') await this.refuseForeign(object, signal);
      const isOurChange =
        live?.metadata.annotations?.[annotations.applied] !== want.metadata.annotations?.[annotations.applied];
      const drift = path === null || isOurChange ? null : await this.driftOf(object, path, signal);
      const applied = await this.write(want, signal);
      return { live: applied, drift };
    } catch (error) {
      if (error instanceof KubeApiError && !signal.aborted) return { object, error };
      throw error;
    }
  }

  /** A namespace of this name that is not the tenant's has somebody's work in it, which is not touched. */
  private async refuseForeign(object: KubeObject, signal: AbortSignal): Promise<void> {
    const found = await this.parts.client.find(refOf(object), { signal });
    if (found === null || isOfTenant(found, object.metadata.labels?.[labelNames.tenant] ?? '')) return;
    const { name } = object.metadata;
    const message = `The namespace ${name} is somebody else’s, and is left as it is. Delete it, or give the tenant another name.`;
    throw new KubeApiError({ status: 409, reason: 'NamespaceTaken', message });
  }

  /** The cache holds no notes of who wrote what: the object is read once more, since this is rare. */
  private async driftOf(object: KubeObject, path: string, signal: AbortSignal): Promise<Drift | null> {
    const { kind, metadata } = object;
    const now = await this.parts.client.find(refOf(object), { signal });
    if (now === null) return null;
    return { object: `${kind} ${metadata.name}`, kind, path, manager: changerOf(now, path, ours) };
  }

  /** Deletes this very object of ours that the tenant should not have. */
  private async prune(tenant: string, wanted: readonly KubeObject[], signal: AbortSignal): Promise<ApplyFailure[]> {
    const kept = new Set(wanted.map((object) => nameOf(refOf(object))));
    const extra = this.parts.view
      .childrenOf(tenant)
      .filter((object) => !kept.has(nameOf(refOf(object))) && object.metadata.deletionTimestamp === undefined);
    // Within a namespace that goes, everything goes.
    const goneWith = new Set(extra.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name));
    const failures: ApplyFailure[] = [];
    for (const object of extra) {
      const { uid, namespace } = object.metadata;
      if (namespace !== undefined && goneWith.has(namespace)) continue;
      try {
        await this.parts.client.delete(refOf(object), {
          ...(uid === undefined ? {} : { preconditions: { uid } }),
          signal,
        });
      } catch (error) {
        if (!(error instanceof KubeApiError) || signal.aborted) throw error;
        // Somebody made another one of this name, or it is gone: the next look decides.
        if (!hasStatus(error, 409) && !hasStatus(error, 404)) failures.push({ object, error });
      }
    }
    return failures;
  }
}
