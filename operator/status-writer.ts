import { fieldManagers } from './kinds.js';
import { stableJson } from './resources/stable-json.js';
import { isOlder, refOf } from './runtime/api-resource.js';
import type { KubeClient } from './runtime/client.js';
import { hasStatus } from './runtime/kube-api-error.js';
import type { KubeObject } from './runtime/kube-object.js';

interface Written {
  /** Version of the object that our write made. */
  readonly version: string | undefined;
  readonly status: unknown;
}

/** Writes the status of our objects, once a round, and only where it says something new. */
export class StatusWriter {
  private readonly written = new Map<string, Written>();

  constructor(private readonly client: KubeClient) {}

  /** The status as it is known: what we wrote last, until the watch has brought something newer. */
  current(object: KubeObject): unknown {
    const last = this.written.get(keyOf(object));
    if (last !== undefined && isOlder(object.metadata.resourceVersion, last.version)) return last.status;
    this.written.delete(keyOf(object));
    return object['status'];
  }

  /** True where it was written. An object that went away meanwhile needs no status. */
  async write(object: KubeObject, status: object, signal: AbortSignal): Promise<boolean> {
    if (stableJson(this.current(object) ?? {}) === stableJson(status)) return false;
    const { apiVersion, kind, metadata } = object;
    let written: KubeObject;
    try {
      written = await this.client.applyStatus(
        {
          apiVersion,
          kind,
          metadata: { name: metadata.name, ...(metadata.uid === undefined ? {} : { uid: metadata.uid }) },
          status,
        },
        { fieldManager: fieldManagers.status, force: true, signal },
      );
    } catch (error) {
      if (hasStatus(error, 404) || hasStatus(error, 409)) return false;
      throw error;
    }
    this.written.set(keyOf(object), { version: written.metadata.resourceVersion, status });
    return true;
  }

  forget(object: KubeObject): void {
    this.written.delete(keyOf(object));
  }
}

function keyOf(object: KubeObject): string {
  const { kind, name } = refOf(object);
  return `${kind}/${name}/${object.metadata.uid ?? ''}`;
}
