import { fieldManagers } from './kinds.js';
import type { KubeClient } from './runtime/client.js';
import { KubeApiError } from './runtime/kube-api-error.js';
import type { KubeObject } from './runtime/kube-object.js';

/**
 * The finalizers of this very object are exactly these from now on, as far as they are ours. Its `uid` travels with
 * the apply, which would otherwise make an object anew that is gone meanwhile.
 */
export async function holdFinalizers(
  client: KubeClient,
  object: KubeObject,
  held: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { apiVersion, kind, metadata } = object;
  const { name, uid } = metadata;
  const head = { name, ...(uid === undefined ? {} : { uid }), ...(held.length === 0 ? {} : { finalizers: held }) };
  try {
    await client.apply(
      { apiVersion, kind, metadata: head },
      { fieldManager: fieldManagers.finalizers, force: true, signal },
    );
  } catch (error) {
    const isGone = error instanceof KubeApiError && (error.isNotFound || error.isConflict);
    if (!isGone) throw error;
  }
}
