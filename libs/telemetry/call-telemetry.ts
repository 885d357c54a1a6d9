import type { Logger } from 'pino';
import { describeError } from '#libs/kernel/errors.js';
import type { BackendFailure } from '#libs/inference/domain/backend-failure.js';
import type { UsageEvent } from '#libs/inference/domain/usage.js';
import type { CallTelemetry, CallTrace } from '#libs/inference/ports/call-telemetry.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { CappedLabel, mostTenantLabels } from './capped-label.js';
import type { RouterMetrics } from './router-metrics.js';
import type { CallSpan, Tracing } from './tracing.js';

/** Router calls as metrics, spans and log lines. */
export class RouterTelemetry implements CallTelemetry {
  private readonly tenants = new CappedLabel(mostTenantLabels);

  constructor(
    private readonly metrics: RouterMetrics,
    private readonly tracing: Tracing,
    private readonly log: Logger,
  ) {}

  start(tenant: Tenant, kind: 'chat' | 'embeddings', traceparent: string | null): CallTrace {
    this.metrics.running.inc();
    const span = this.tracing.startCall(kind, traceparent);
    return {
      traceparent: span?.traceparent ?? traceparent,
      attemptFailed: (backend, failure) => this.attemptFailed(span, backend, failure),
      end: (event) => this.ended(tenant, span, event),
    };
  }

  backgroundFailed(what: string, error: unknown): void {
    this.metrics.backgroundFailures.inc({ what });
    this.log.warn({ what, reason: describeError(error) }, 'background work failed and is tried again');
  }

  usageWaiting(events: number): void {
    this.metrics.usageWaiting.set(events);
  }

  private attemptFailed(span: CallSpan | null, backend: string, failure: BackendFailure): void {
    const reason = reasonOf(failure);
    this.metrics.failedAttempts.inc({ backend, reason });
    span?.event('attempt failed', { backend, reason });
    this.log.warn({ backend, reason }, 'attempt at a model server failed');
  }

  private ended(tenant: Tenant, span: CallSpan | null, event: UsageEvent): void {
    const { metrics } = this;
    const label = this.tenants.of(tenant.slug);
    metrics.running.dec();
    metrics.requests.inc({ tenant: label, kind: event.kind, status: event.status, code: event.errorCode ?? '' });
    metrics.duration.observe({ kind: event.kind, backend: event.backend }, event.totalMs / 1_000);
    if (event.firstTokenMs !== null) metrics.firstToken.observe({ backend: event.backend }, event.firstTokenMs / 1_000);
    if (event.promptTokens > 0) metrics.tokens.inc({ tenant: label, direction: 'in' }, event.promptTokens);
    if (event.completionTokens > 0) metrics.tokens.inc({ tenant: label, direction: 'out' }, event.completionTokens);
    if (event.costMicroUsd > 0) metrics.cost.inc({ tenant: label }, event.costMicroUsd);
    span?.end(tenant.slug, event);
    this.log.debug(
      { tenant: tenant.id, requestId: event.id, status: event.status, code: event.errorCode },
      'call ended',
    );
  }
}

function reasonOf(failure: BackendFailure): string {
  switch (failure.kind) {
    case 'timeout':
      return `timeout ${failure.phase}`;
    case 'refused':
      return `http ${failure.status}`;
    case 'unreachable':
    case 'broken':
      return failure.kind;
  }
}
