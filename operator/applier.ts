import type { ClusterView } from './cluster-view.js';
import { difference } from './difference.js';
import { changerOf, type Drift } from './drift.js';
import { annotations, fieldManagers } from './kinds.js';
import { digestOf } from './resources/stable-json.js';
import { keyOf, refOf } from './runtime/api-resource.js';
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
  readonly view: ClusterView;
}

/** Writes of one tenant at the same time: it must not hold up the others. */
const atOnce = 6;
const ours = new Set<string>(Object.values(fieldManagers));

/** Two objects are the same one when this is. */
function nameOf(object: KubeObject): string {
  return `${object.apiVersion}/${object.kind}/${keyOf(object.metadata)}`;
}

/** Notes on the object what it was made from, so that a field we no longer want is seen to be one too many. */
function marked(object: KubeObject): KubeObject {
  const { metadata } = object;
  const noted = { ...metadata.annotations, [annotations.applied]: digestOf(object) };
  return { ...object, metadata: { ...metadata, annotations: noted } };
}

/** Holds the objects of a tenant to what they should be, and writes nothing where they are. */
export class Applier {
  /** What we wrote and have not seen in a watch yet. */
  private readonly written = new Map<string, KubeObject>();

  constructor(private readonly parts: ApplierParts) {
    parts.view.onChild((object) => this.written.delete(nameOf(object)));
  }

  /**
   * Applies what differs, in order: the first object alone, since it may be the namespace of the others. Objects of
   * the tenant that are not wanted any more are deleted.
   */
  async apply(tenant: string, wanted: readonly KubeObject[], signal: AbortSignal): Promise<ApplyReport> {
    const results: (ApplyFailure | { readonly live: KubeObject; readonly drift: Drift | null })[] = [];
    const [first, ...rest] = wanted;
    if (first !== undefined) results.push(await this.hold(first, signal));
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

  private async hold(
    object: KubeObject,
    signal: AbortSignal,
  ): Promise<ApplyFailure | { readonly live: KubeObject; readonly drift: Drift | null }> {
    const want = marked(object);
    const live = this.written.get(nameOf(object)) ?? this.parts.view.child(refOf(object));
    const path = live === undefined ? null : difference(want, live);
    if (live !== undefined && path === null) return { live, drift: null };
    try {
      const isOurChange =
        live?.metadata.annotations?.[annotations.applied] !== want.metadata.annotations?.[annotations.applied];
      const drift = path === null || isOurChange ? null : await this.driftOf(object, path, signal);
      const applied = await this.parts.client.apply(want, {
        fieldManager: fieldManagers.children,
        force: true,
        signal,
      });
      this.written.set(nameOf(object), applied);
      return { live: applied, drift };
    } catch (error) {
      if (error instanceof KubeApiError && !signal.aborted) return { object, error };
      throw error;
    }
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
    const kept = new Set(wanted.map(nameOf));
    const extra = this.parts.view
      .childrenOf(tenant)
      .filter((object) => !kept.has(nameOf(object)) && object.metadata.deletionTimestamp === undefined);
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
