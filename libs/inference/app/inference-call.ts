import type { RateLimits, Tenant } from '#libs/tenancy/domain/tenant.js';

/** Who is behind a call, as far as it is known. */
export interface InferenceCaller {
  readonly personId: string | null;
  readonly keyId: string | null;
  /** Limits of that key alone, beside its organisation's. */
  readonly keyLimits: RateLimits | null;
  readonly channel: 'chat' | 'api';
}

/** One call of an authenticated caller. */
export interface InferenceCall {
  /** A UUID; names the call in logs, in metering and to the client. */
  readonly requestId: string;
  readonly tenant: Tenant;
  readonly caller: InferenceCaller;
  readonly kind: 'chat' | 'embeddings';
  /** The request as it came, in OpenAI's format. */
  readonly body: Buffer;
  readonly traceparent: string | null;
}
