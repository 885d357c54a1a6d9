import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { BackendFailure } from '../domain/backend-failure.js';
import type { UsageEvent } from '../domain/usage.js';

/** One call, as metrics, traces and logs follow it. */
export interface CallTrace {
  /** Trace context for the backend: this call's own when it is traced, else the caller's. */
  readonly traceparent: string | null;
  attemptFailed(backend: string, failure: BackendFailure): void;
  end(event: UsageEvent): void;
}

/** Work around the calls that can fail without failing one of them. */
export type BackgroundWork = 'usage-write' | 'usage-spill' | 'backend-refresh' | 'reserve' | 'settle';

/** Watches the router. Never throws, never waits, and sees no prompt text. */
export abstract class CallTelemetry {
  abstract start(tenant: Tenant, kind: 'chat' | 'embeddings', traceparent: string | null): CallTrace;
  /** Something of the background work went wrong and will be tried again. */
  abstract backgroundFailed(what: BackgroundWork, error: unknown): void;
  /** Usage events that wait for the database. */
  abstract usageWaiting(events: number): void;
}
