import type { TurnState } from '#libs/chat/domain/turn.js';
import { type AnswerTrace, ChatTelemetry } from '#libs/chat/ports/chat-telemetry.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { CappedLabel, mostTenantLabels } from './capped-label.js';
import type { ChatMetrics } from './chat-metrics.js';
import type { Tracing } from './tracing.js';

/** Sockets and answers as metrics, answers also as spans. */
export class PrometheusChatTelemetry extends ChatTelemetry {
  private readonly tenants = new CappedLabel(mostTenantLabels);

  constructor(
    private readonly metrics: ChatMetrics,
    private readonly tracing: Tracing,
  ) {
    super();
  }

  override socketOpened(): void {
    this.metrics.openSockets.inc();
  }

  override socketClosed(): void {
    this.metrics.openSockets.dec();
  }

  override answerStarted(tenant: Tenant): AnswerTrace {
    const startedMs = performance.now();
    this.metrics.runningAnswers.inc();
    const span = this.tracing.startTurn();
    return {
      traceparent: span?.traceparent ?? null,
      end: (state) => {
        this.answerEnded(tenant, state, (performance.now() - startedMs) / 1_000);
        span?.end(tenant.slug, state);
      },
    };
  }

  private answerEnded(tenant: Tenant, state: TurnState, seconds: number): void {
    const { metrics } = this;
    metrics.runningAnswers.dec();
    metrics.answers.inc({
      tenant: this.tenants.of(tenant.slug),
      status: state.status,
      code: state.error?.code ?? '',
    });
    metrics.duration.observe({ status: state.status }, seconds);
    if (state.firstTokenMs !== null) metrics.firstToken.observe(state.firstTokenMs / 1_000);
  }
}
