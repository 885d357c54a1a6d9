import { manifestApiVersion } from '#libs/contracts/manifest-parts.js';
import type { KubeObject } from '../runtime/kube-object.js';
import { labelNames, managedBy, namespaceOf } from './names.js';
import type { RenderInput } from './render-input.js';

interface ChildHead {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** App it belongs to; left out: the whole tenant. */
  readonly component?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Labels of every object of a tenant. */
export function childLabels(input: RenderInput, component = 'tenant'): Readonly<Record<string, string>> {
  return {
    [labelNames.managedBy]: managedBy,
    [labelNames.partOf]: 'whisper',
    [labelNames.component]: component,
    [labelNames.version]: input.facts.version,
    [labelNames.tenant]: input.tenant.name,
  };
}

/** The tenant itself, so that the cluster collects what is left when it is gone. */
function ownerOf({ tenant }: RenderInput) {
  return {
    apiVersion: manifestApiVersion,
    kind: 'WhisperTenant',
    name: tenant.name,
    uid: tenant.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** An object without a namespace that belongs to the tenant. */
export function clusterChild(input: RenderInput, head: ChildHead, body: object = {}): KubeObject {
  const { apiVersion, kind, name, component, annotations, labels } = head;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      labels: { ...childLabels(input, component), ...labels },
      ...(annotations === undefined || Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [ownerOf(input)],
    },
    ...body,
  };
}

/** An object in the namespace of the tenant. */
export function child(input: RenderInput, head: ChildHead, body: object = {}): KubeObject {
  const made = clusterChild(input, head, body);
  return { ...made, metadata: { ...made.metadata, namespace: namespaceOf(input.tenant.name) } };
}
