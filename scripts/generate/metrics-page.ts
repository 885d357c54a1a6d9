import { Registry } from 'prom-client';
import { z } from 'zod';
import { chatMetrics } from '#libs/telemetry/chat-metrics.js';
import { exchangeMetrics } from '#libs/telemetry/exchange-metrics.js';
import { databaseMetrics } from '#libs/telemetry/measured-sessions.js';
import { routerMetrics } from '#libs/telemetry/router-metrics.js';
import { signInMetrics } from '#libs/telemetry/sign-in-metrics.js';
import { cell, code, page, table } from './markdown.js';

const Labelled = z.object({ name: z.string(), labelNames: z.array(z.string()) });

async function rowsOf(makeMetrics: (registry: Registry) => Record<string, unknown>): Promise<string[][]> {
  const registry = new Registry();
  const labels = new Map(
    Object.values(makeMetrics(registry)).map((metric) => {
      const { name, labelNames } = Labelled.parse(metric);
      return [name, labelNames];
    }),
  );
  return (await registry.getMetricsAsJSON()).map(({ name, type, help }) => [
    code(name),
    String(type),
    (labels.get(name) ?? []).map(code).join(', '),
    cell(help),
  ]);
}

/** `docs/reference/metrics.md`. */
export async function metricsPage(): Promise<string> {
  const heads = ['name', 'type', 'labels', 'meaning'];
  return page(
    'Metrics',
    'In the Prometheus text format at `/metrics` of the internal port, which is the public port plus one and listens on loopback unless told otherwise. ' +
      'Times are in seconds and money in millionths of a US dollar.',
    `## Chat\n\n${table(heads, await rowsOf(chatMetrics))}`,
    `## Sign-in\n\n${table(heads, await rowsOf(signInMetrics))}`,
    `## Database\n\n${table(heads, await rowsOf(databaseMetrics))}`,
    `## Router\n\n${table(heads, await rowsOf(routerMetrics))}`,
    `## Service tokens\n\nOf the router in a cluster.\n\n${table(heads, await rowsOf(exchangeMetrics))}`,
  );
}
