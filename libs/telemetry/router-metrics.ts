import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Names of the router's metrics, with their units. */
export const routerMetricNames = {
  requests: 'whisper_router_requests_total',
  duration: 'whisper_router_request_duration_seconds',
  firstToken: 'whisper_router_first_token_seconds',
  tokens: 'whisper_router_tokens_total',
  cost: 'whisper_router_cost_micro_usd_total',
  failedAttempts: 'whisper_router_failed_attempts_total',
  running: 'whisper_router_running_requests',
  usageWaiting: 'whisper_router_usage_waiting_events',
  backgroundFailures: 'whisper_router_background_failures_total',
} as const;

/** From a cached small model to a reasoning one, in seconds. */
const durations = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const firstTokens = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Makes the router's metrics in a registry. Call once for each registry. */
export function routerMetrics(registry: Registry) {
  const registers = [registry];
  return {
    requests: new Counter({
      name: routerMetricNames.requests,
      help: 'Calls by outcome; code is empty for those that went well.',
      labelNames: ['tenant', 'kind', 'status', 'code'],
      registers,
    }),
    duration: new Histogram({
      name: routerMetricNames.duration,
      help: 'Time from the request to the end of the reply.',
      labelNames: ['kind', 'backend'],
      buckets: durations,
      registers,
    }),
    firstToken: new Histogram({
      name: routerMetricNames.firstToken,
      help: 'Time from the request to the first byte of the answer.',
      labelNames: ['backend'],
      buckets: firstTokens,
      registers,
    }),
    tokens: new Counter({
      name: routerMetricNames.tokens,
      help: 'Tokens by direction.',
      labelNames: ['tenant', 'direction'],
      registers,
    }),
    cost: new Counter({
      name: routerMetricNames.cost,
      help: 'Cost at the prices of the backends, in millionths of a dollar.',
      labelNames: ['tenant'],
      registers,
    }),
    failedAttempts: new Counter({
      name: routerMetricNames.failedAttempts,
      help: 'Attempts at a backend that failed before the answer had begun, or in the middle of it.',
      labelNames: ['backend', 'reason'],
      registers,
    }),
    running: new Gauge({ name: routerMetricNames.running, help: 'Calls that are being answered.', registers }),
    usageWaiting: new Gauge({
      name: routerMetricNames.usageWaiting,
      help: 'Usage events that wait for the database.',
      registers,
    }),
    backgroundFailures: new Counter({
      name: routerMetricNames.backgroundFailures,
      help: 'Background work that failed and is tried again.',
      labelNames: ['what'],
      registers,
    }),
  };
}
export type RouterMetrics = ReturnType<typeof routerMetrics>;
