import type { PodProof } from '../domain/pod-identity.js';

/** Checks the token that a cluster gives a pod, without asking the cluster each time. */
export abstract class PodVerifier {
  /** A token of a pod that has just ended counts until it expires. */
  abstract verify(token: string): Promise<PodProof>;
}
