/** A pod as its cluster vouches for it. */
export interface PodIdentity {
  readonly namespace: string;
  readonly account: string;
  /** Name of the pod that the token is bound to. */
  readonly pod: string;
}

/** Why the word of a cluster for a pod does not count here. */
export type PodRefusal =
  /** It is no token. */
  | 'form'
  /** An algorithm that no cluster signs with: `none`, or a shared secret. */
  | 'algorithm'
  /** No key of this cluster made the signature. */
  | 'key'
  | 'issuer'
  /** It is meant for somebody else: the API server, say. */
  | 'audience'
  | 'expired'
  /** It is of an account, and of no pod that runs with it. */
  | 'unbound';

/** What a pod's token proves. */
export type PodProof =
  { readonly kind: 'believed'; readonly pod: PodIdentity } | { readonly kind: 'refused'; readonly reason: PodRefusal };
