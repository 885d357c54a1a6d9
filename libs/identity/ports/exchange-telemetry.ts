import type { PodIdentity, PodRefusal } from '../domain/pod-identity.js';

/** Why a pod was given no service token. */
export type ExchangeRefusal =
  | PodRefusal
  /** Its namespace or its account is not one of ours. */
  | 'account'
  /** It asked for an audience that its app never calls. */
  | 'asked-audience'
  /** It asked for a tenant that is not served here. */
  | 'tenant'
  /** It knows another epoch of the tenant. */
  | 'epoch';

/** Tells operators of pods that ask for service tokens. Must not throw. */
export abstract class ExchangeTelemetry {
  abstract given(service: string): void;
  /** @param pod who it is, where its cluster vouches for it */
  abstract refused(reason: ExchangeRefusal, pod: PodIdentity | null): void;
}
