import type { Logger } from 'pino';
import { Counter, type Registry } from 'prom-client';
import type { PodIdentity } from '#libs/identity/domain/pod-identity.js';
import { type ExchangeRefusal, ExchangeTelemetry } from '#libs/identity/ports/exchange-telemetry.js';

/** Names of the metrics of token exchange, with their units. */
export const exchangeMetricNames = { exchanges: 'whisper_token_exchanges_total' } as const;

/** Makes the metrics of token exchange, in a registry. Call once for each registry. */
export function exchangeMetrics(registry: Registry) {
  return {
    exchanges: new Counter({
      name: exchangeMetricNames.exchanges,
      help: 'Pods that asked for a service token, by outcome: given, or why not.',
      labelNames: ['outcome'],
      registers: [registry],
    }),
  };
}

/** Token exchange as metrics, and each refusal as a line in the log. */
export class LoggedExchanges extends ExchangeTelemetry {
  constructor(
    private readonly metrics: ReturnType<typeof exchangeMetrics>,
    private readonly log: Logger,
  ) {
    super();
  }

  override given(): void {
    this.metrics.exchanges.inc({ outcome: 'given' });
  }

  override refused(reason: ExchangeRefusal, pod: PodIdentity | null): void {
    this.metrics.exchanges.inc({ outcome: reason });
    this.log.warn({ reason, ...pod }, 'a pod was refused a service token');
  }
}
