import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { apiVersionOf } from '#operator/runtime/api-resource.js';
import type { KubeMetadata, KubeObject } from '#operator/runtime/kube-object.js';
import { ApiFailure, badRequest, conflict, notFound } from './api-status.js';
import type { FakeResource } from './fake-resource.js';
import { type JsonObject, copyOf } from './field-path.js';
import { type Claim, readClaims, trackUpdate, writeClaims } from './managed-fields.js';
import { type ObjectStore, newUid } from './object-store.js';
import type { Target } from './request-path.js';
import { applyFields } from './server-side-apply.js';

/** Who writes, and how. */
export interface Writer {
  readonly manager: string;
  readonly isForced: boolean;
  readonly isDryRun: boolean;
}

/** Changes of single objects, with the rules that hold for every kind. */
export class Writes {
  constructor(
    private readonly store: ObjectStore,
    private readonly now: () => Date,
  ) {}

  create(target: Target, body: KubeObject, writer: Writer): KubeObject {
    const { resource } = target;
    const name = body.metadata.name ?? this.generated(body);
    if (this.store.get(resource, this.place(target, name)) !== undefined)
      throw new ApiFailure(409, 'AlreadyExists', `${resource.plural} "${name}" already exists`);
    this.checkNamespace(target, body);
    const made = this.begin(target, { ...body, metadata: { ...body.metadata, name } });
    const claims: Claim[] = [];
    const after = made as unknown as JsonObject;
    trackUpdate({
      resource,
      before: {},
      after,
      claims,
      manager: writer.manager,
      subresource: undefined,
      time: this.time(),
    });
    return this.save(resource, made, claims, writer);
  }

  /** Puts what `change` makes of the present object. */
  update(target: Target, writer: Writer, change: (before: KubeObject) => KubeObject): KubeObject {
    const { resource, subresource } = target;
    const before = this.present(target);
    const asked = copyOf(change(before));
    this.checkVersion(target, asked, before);
    const after = this.kept(resource, before, asked, subresource);
    const claims = readClaims(before.metadata.managedFields);
    const [old, now] = [before as unknown as JsonObject, after as unknown as JsonObject];
    trackUpdate({ resource, before: old, after: now, claims, manager: writer.manager, subresource, time: this.time() });
    return this.replace(resource, before, { object: after, claims, writer });
  }

  apply(target: Target, body: KubeObject, writer: Writer): KubeObject {
    const { resource, subresource, name = '' } = target;
    if (body.metadata?.name !== undefined && body.metadata.name !== name)
      throw badRequest(`the name of the object (${body.metadata.name}) does not match the name on the URL (${name})`);
    if (body.metadata?.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
    const before = this.store.get(resource, this.place(target, name));
    if (before === undefined && subresource !== undefined) throw notFound(resource.plural, name);
    const wanted = body.metadata?.uid;
    if (wanted !== undefined && wanted !== before?.metadata.uid)
      throw conflict(resource.plural, name, `uid mismatch: the provided object specified uid ${wanted}`);
    if (before !== undefined) this.checkVersion(target, body, before);
    else this.checkNamespace(target, body);
    const base = before ?? this.begin(target, { ...body, metadata: { name } } as KubeObject, true);
    const live = copyOf(base) as unknown as JsonObject;
    const claims = readClaims(before?.metadata.managedFields);
    const config = applicable(resource, body, subresource);
    const { manager, isForced } = writer;
    applyFields({ resource, live, config, claims, manager, subresource, isForced, time: this.time() });
    const object = live as unknown as KubeObject;
    if (before === undefined) return this.save(resource, object, claims, writer);
    return this.replace(resource, before, { object: this.kept(resource, before, object, subresource), claims, writer });
  }

  /** Deletes it, or marks it where finalizers hold it. */
  delete(target: Target, options: DeleteBody, isDryRun: boolean): KubeObject {
    const { resource } = target;
    const before = this.present(target);
    const { uid, resourceVersion } = options.preconditions ?? {};
    if (uid !== undefined && uid !== before.metadata.uid)
      throw conflict(resource.plural, before.metadata.name, `Precondition failed: UID in precondition: ${uid}`);
    if (resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion)
      throw conflict(resource.plural, before.metadata.name, `Precondition failed: ResourceVersion: ${resourceVersion}`);
    const added = finalizerOf(options.propagationPolicy);
    const finalizers = [...new Set([...(before.metadata.finalizers ?? []), ...added])];
    if (isDryRun) return before;
    if (finalizers.length === 0 && !isNamespace(resource)) return this.store.remove(resource, before);
    if (before.metadata.deletionTimestamp !== undefined) return before;
    const { generation } = before.metadata;
    const metadata: KubeMetadata = {
      ...before.metadata,
      ...(finalizers.length > 0 && { finalizers }),
      deletionTimestamp: this.time(),
      ...(generation !== undefined && { generation: generation + 1 }),
    };
    const status = isNamespace(resource) ? { status: { phase: 'Terminating' } } : {};
    return this.store.put(resource, { ...before, ...status, metadata });
  }

  present(target: Target): KubeObject {
    const name = target.name ?? '';
    const found = this.store.get(target.resource, this.place(target, name));
    if (found === undefined) throw notFound(target.resource.plural, name);
    return found;
  }

  private place(target: Target, name: string) {
    return { name, ...(target.namespace !== undefined && { namespace: target.namespace }) };
  }

  private generated(body: KubeObject): string {
    const prefix = (body.metadata as { generateName?: string }).generateName;
    if (prefix === undefined) throw new ApiFailure(422, 'Invalid', 'metadata.name: Required value');
    return prefix + randomBytes(3).toString('hex').slice(0, 5);
  }

  private checkNamespace(target: Target, body: KubeObject): void {
    const { namespace, resource } = target;
    if (!resource.namespaced) return;
    if (body.metadata.namespace !== undefined && body.metadata.namespace !== namespace)
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
    const found = this.store.get(namespaces, { name: namespace ?? '' });
    if (found === undefined) throw notFound('namespaces', namespace ?? '');
    if (found.metadata.deletionTimestamp !== undefined) {
      const words = `unable to create new content in namespace ${namespace ?? ''} because it is being terminated`;
      throw new ApiFailure(403, 'Forbidden', `${resource.plural} is forbidden: ${words}`);
    }
  }

  private checkVersion(target: Target, asked: KubeObject, before: KubeObject): void {
    const { resourceVersion, uid } = asked.metadata ?? {};
    const { plural } = target.resource;
    if (uid !== undefined && uid !== before.metadata.uid)
      throw conflict(plural, before.metadata.name, `Precondition failed: UID in precondition: ${uid}`);
    if (resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== before.metadata.resourceVersion)
      throw conflict(
        plural,
        before.metadata.name,
        'the object has been modified; please apply your changes to the latest version and try again',
      );
  }

  /** A new object, without what only the server may say. */
  private begin(target: Target, body: KubeObject, isApply = false): KubeObject {
    const { resource, namespace } = target;
    const { status: _status, ...rest } = body;
    const object = resource.hasStatus ? rest : body;
    const { managedFields: _fields, resourceVersion: _version, ...metadata } = body.metadata;
    return {
      ...(isApply ? {} : copyOf(object)),
      apiVersion: apiVersionOf(resource),
      kind: resource.kind,
      metadata: {
        ...copyOf(metadata),
        ...(namespace !== undefined && { namespace }),
        uid: newUid(),
        creationTimestamp: this.time(),
        ...(resource.hasGeneration && { generation: 1 }),
      },
      ...(isNamespace(resource) && { status: { phase: 'Active' } }),
    };
  }

  /** `asked` with all that this writer may not change as it was. */
  private kept(resource: FakeResource, before: KubeObject, asked: KubeObject, subresource?: string): KubeObject {
    const { labels, annotations, finalizers, ownerReferences } = asked.metadata;
    if (subresource === 'status') return withField(before, 'status', asked['status']);
    const own = { labels, annotations, finalizers, ownerReferences };
    const { labels: _l, annotations: _a, finalizers: _f, ownerReferences: _o, ...fixed } = before.metadata;
    const metadata = {
      ...fixed,
      ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)),
    };
    const object = { ...asked, apiVersion: before.apiVersion, kind: before.kind, metadata } as KubeObject;
    return resource.hasStatus ? withField(object, 'status', before['status']) : object;
  }

  private replace(
    resource: FakeResource,
    before: KubeObject,
    next: { object: KubeObject; claims: Claim[]; writer: Writer },
  ): KubeObject {
    const { object, claims, writer } = next;
    const { managedFields, generation, ...metadata } = object.metadata;
    for (const field of resource.fixed)
      if (!isDeepStrictEqual(before[field], object[field]))
        throw new ApiFailure(
          422,
          'Invalid',
          `${resource.kind} is invalid: ${field}: Invalid value: field is immutable`,
        );
    const isChanged = resource.hasGeneration && !isDeepStrictEqual(specOf(before), specOf(object));
    const bumped = generation === undefined ? {} : { generation: isChanged ? generation + 1 : generation };
    const after = { ...object, metadata: { ...metadata, ...bumped } };
    const fields = writeClaims(claims, before.apiVersion);
    const same = { ...after, metadata: { ...after.metadata, managedFields: fields } };
    const was = { ...before, metadata: { ...before.metadata, managedFields: managedFields ?? [] } };
    if (isDeepStrictEqual(copyOf(same), copyOf(was))) return before;
    const isGone = before.metadata.deletionTimestamp !== undefined && (after.metadata.finalizers ?? []).length === 0;
    if (isGone && !writer.isDryRun && !isNamespace(resource)) return this.store.remove(resource, after);
    return this.save(resource, after, claims, writer);
  }

  private save(resource: FakeResource, object: KubeObject, claims: Claim[], writer: Writer): KubeObject {
    const managedFields = writeClaims(claims, apiVersionOf(resource));
    const whole = { ...object, metadata: { ...object.metadata, managedFields } };
    return writer.isDryRun ? whole : this.store.put(resource, copyOf(whole));
  }

  /** Whole seconds, as metav1.Time. */
  private time(): string {
    return this.now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z');
  }
}

export interface DeleteBody {
  readonly propagationPolicy?: string;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: readonly string[];
}

const namespaces = { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false };
const isNamespace = (resource: FakeResource) => resource.kind === 'Namespace';

function finalizerOf(propagation: string | undefined): string[] {
  if (propagation === 'Foreground') return ['foregroundDeletion'];
  return propagation === 'Orphan' ? ['orphan'] : [];
}

/** What counts as a change of the wish: everything but metadata and status. */
function specOf(object: KubeObject): object {
  const { metadata: _metadata, status: _status, ...rest } = object;
  return copyOf(rest);
}

function withField(object: KubeObject, name: string, value: unknown): KubeObject {
  const { [name]: _old, ...rest } = object;
  return value === undefined ? (rest as KubeObject) : ({ ...rest, [name]: value } as KubeObject);
}

function applicable(resource: FakeResource, body: KubeObject, subresource: string | undefined): JsonObject {
  const { status, ...rest } = body;
  if (subresource === 'status') return { ...(status !== undefined && { status }) };
  return copyOf(resource.hasStatus ? rest : body) as unknown as JsonObject;
}
