import type { KubeMetadata, KubeObject } from './kube-object.js';

/** A Lease of coordination.k8s.io/v1, as leader election uses it. */
export interface Lease extends KubeObject {
  readonly metadata: KubeMetadata;
  readonly spec: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    /** With microseconds. */
    readonly acquireTime?: string;
    readonly renewTime?: string;
    /** How often it changed hands. */
    readonly leaseTransitions?: number;
  };
}

/** A moment as the API server's MicroTime: it refuses milliseconds alone. */
export function microTime(moment: Date): string {
  return moment.toISOString().replace('Z', '000Z');
}
