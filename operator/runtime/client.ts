import { type KindName, type ObjectRef, refOf, resourcePath } from './api-resource.js';
import { hasStatus } from './kube-api-error.js';
import type { KubeObject } from './kube-object.js';
import type { ResourceTable } from './resource-table.js';
import type { KubeRequest, KubeTransport } from './transport.js';

/** Options of every call. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** For the whole call, its repetitions too. */
  readonly deadlineMs?: number;
}

/** Options of every write. */
export interface WriteOptions extends CallOptions {
  readonly fieldManager?: string;
  /** Everything happens but the writing. */
  readonly dryRun?: boolean;
}

/** Options of a server-side apply. */
export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Take fields from other managers; otherwise their owners make it a conflict. */
  readonly force?: boolean;
}

/** Options of a patch. */
export interface PatchOptions extends WriteOptions {
  /** `merge` (RFC 7386, the default) or `json` (RFC 6902). */
  readonly type?: 'merge' | 'json';
  readonly subresource?: 'status' | 'scale';
}

/** Options of a deletion. */
export interface DeleteOptions extends CallOptions {
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  /** Delete only this very object. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
}

/** Which objects of a kind. */
export interface ListOptions extends CallOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Objects in one answer; the rest is asked for page by page. client-go's 500. */
  readonly pageSize?: number;
}

/** A consistent list, and the moment it was true. */
export interface KubeList<Kind extends KubeObject = KubeObject> {
  readonly items: readonly Kind[];
  readonly resourceVersion: string;
}

const contentTypes = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
};

/** Pages begun anew when the list grew too old between two of them. */
const restartsOfList = 3;

/** Typed calls to one API server. All throw KubeApiError. */
export class KubeClient {
  constructor(
    readonly transport: KubeTransport,
    readonly resources: ResourceTable,
    private readonly guard?: () => void,
  ) {}

  /**
   * The same client with a fence: `guard` is called before each write, and before each repetition of one. It throws
   * where this process may not write any more, such as `LeaderElector.assertHeld`.
   */
  fenced(guard: () => void): KubeClient {
    return new KubeClient(this.transport, this.resources, guard);
  }

  /** @throws {KubeApiError} 404 */
  async get<Kind extends KubeObject = KubeObject>(ref: ObjectRef, options: CallOptions = {}): Promise<Kind> {
    return (await this.call({ method: 'GET', path: await this.pathOf(ref), ...options })) as Kind;
  }

  /** The object, or null where it is not there. */
  async find<Kind extends KubeObject = KubeObject>(ref: ObjectRef, options: CallOptions = {}): Promise<Kind | null> {
    try {
      return await this.get<Kind>(ref, options);
    } catch (error) {
      if (hasStatus(error, 404)) return null;
      throw error;
    }
  }

  /** All objects that fit, over as many pages as it takes. */
  async list<Kind extends KubeObject = KubeObject>(kind: KindName, options: ListOptions = {}): Promise<KubeList<Kind>> {
    for (let restart = 0; ; restart += 1) {
      try {
        return await this.pages<Kind>(kind, options);
      } catch (error) {
        if (!hasStatus(error, 410) || restart >= restartsOfList) throw error;
      }
    }
  }

  /** @throws {KubeApiError} 409 `AlreadyExists` */
  async create<Kind extends KubeObject>(object: Kind, options: WriteOptions = {}): Promise<Kind & KubeObject> {
    const { name: _name, ...place } = refOf(object);
    const path = resourcePath(await this.resources.find(object), placeOf(place));
    return (await this.call({ method: 'POST', path, body: object, query: writeQuery(options), ...options })) as Kind &
      KubeObject;
  }

  /** Puts the whole object; `metadata.resourceVersion` makes it fail with 409 where somebody wrote in between. */
  async replace<Kind extends KubeObject>(
    object: Kind,
    options: WriteOptions & { readonly subresource?: 'status' } = {},
  ): Promise<Kind> {
    const path = await this.pathOf(refOf(object), options.subresource);
    return (await this.call({ method: 'PUT', path, body: object, query: writeQuery(options), ...options })) as Kind;
  }

  /** Server-side apply: the object holds these fields from now on, and loses those this manager applied before. */
  async apply<Kind extends KubeObject = KubeObject>(object: KubeObject, options: ApplyOptions): Promise<Kind> {
    return (await this.applyTo(object, options)) as Kind;
  }

  /** The same for the status of an object that is there. */
  async applyStatus<Kind extends KubeObject = KubeObject>(object: KubeObject, options: ApplyOptions): Promise<Kind> {
    return (await this.applyTo(object, options, 'status')) as Kind;
  }

  /** Changes some fields of an object. */
  async patch<Kind extends KubeObject = KubeObject>(
    ref: ObjectRef,
    patch: unknown,
    options: PatchOptions = {},
  ): Promise<Kind> {
    const type = options.type ?? 'merge';
    const path = await this.pathOf(ref, options.subresource);
    const query = writeQuery(options);
    const request = { method: 'PATCH' as const, path, query, body: patch, contentType: contentTypes[type], ...options };
    return (await this.call({ ...request, isIdempotent: type === 'merge' })) as Kind;
  }

  /** False where there was nothing to delete. @throws {KubeApiError} 409 when a precondition does not hold */
  async delete(ref: ObjectRef, options: DeleteOptions = {}): Promise<boolean> {
    const { propagation, preconditions, dryRun, signal } = options;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...(propagation !== undefined && { propagationPolicy: propagation }),
      ...(preconditions !== undefined && { preconditions }),
      ...(dryRun === true && { dryRun: ['All'] }),
    };
    const path = await this.pathOf(ref);
    try {
      await this.call({ method: 'DELETE', path, body, isIdempotent: true, ...(signal !== undefined && { signal }) });
      return true;
    } catch (error) {
      if (hasStatus(error, 404)) return false;
      throw error;
    }
  }

  private async applyTo(object: KubeObject, options: ApplyOptions, subresource?: 'status'): Promise<unknown> {
    const path = await this.pathOf(refOf(object), subresource);
    const query = { ...writeQuery(options), force: String(options.force ?? false) };
    const request = { method: 'PATCH' as const, path, query, body: object, contentType: contentTypes.apply };
    return this.call({ ...request, ...options, isIdempotent: true });
  }

  private async pages<Kind extends KubeObject>(kind: KindName, options: ListOptions): Promise<KubeList<Kind>> {
    const resource = await this.resources.find(kind);
    const { namespace, labelSelector, fieldSelector, pageSize = 500 } = options;
    const path = resourcePath(resource, placeOf({ namespace }));
    const items: Kind[] = [];
    let next: string | undefined;
    for (;;) {
      const query = { labelSelector, fieldSelector, limit: String(pageSize), continue: next };
      const page = (await this.call({ method: 'GET', path, query, ...options })) as ListBody<Kind>;
      for (const item of page.items ?? []) items.push({ ...item, apiVersion: kind.apiVersion, kind: kind.kind });
      if (page.metadata.continue === undefined || page.metadata.continue === '')
        return { items, resourceVersion: page.metadata.resourceVersion };
      next = page.metadata.continue;
    }
  }

  private async pathOf(ref: ObjectRef, subresource?: string): Promise<string> {
    const { name, namespace } = ref;
    return resourcePath(await this.resources.find(ref), placeOf({ name, namespace, subresource }));
  }

  private call(request: KubeRequest & CallOptions): Promise<unknown> {
    const { guard } = this;
    if (request.method === 'GET' || guard === undefined) return this.transport.request(request);
    return this.transport.request({ ...request, guard });
  }
}

interface ListBody<Kind> {
  readonly items?: readonly Kind[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

interface Place {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly subresource?: string | undefined;
}

function placeOf(place: Place) {
  const { name, namespace, subresource } = place;
  return {
    ...(name !== undefined && { name }),
    ...(namespace !== undefined && { namespace }),
    ...(subresource !== undefined && { subresource }),
  };
}

function writeQuery(options: WriteOptions): Record<string, string | undefined> {
  return { fieldManager: options.fieldManager, dryRun: options.dryRun === true ? 'All' : undefined };
}
