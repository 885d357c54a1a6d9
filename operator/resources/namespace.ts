import type { KubeObject } from '../runtime/kube-object.js';
import { clusterChild } from './child.js';
import { namespaceOf } from './names.js';
import type { RenderInput } from './render-input.js';

/** The namespace of a dedicated tenant. Pods that could reach out of their container are refused in it. */
export function namespace(input: RenderInput): KubeObject {
  return clusterChild(input, {
    apiVersion: 'v1',
    kind: 'Namespace',
    name: namespaceOf(input.tenant.name),
    labels: {
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/audit': 'restricted',
      'pod-security.kubernetes.io/warn': 'restricted',
    },
  });
}
