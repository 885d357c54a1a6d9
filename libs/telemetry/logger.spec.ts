import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { CappedLabel } from './capped-label.js';
import { createLogger } from './logger.js';
import { routerMetricNames, routerMetrics } from './router-metrics.js';

describe('the logger', () => {
  function lines(write: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
    const written: string[] = [];
    write(createLogger({ level: 'info', service: 'test', destination: { write: (line) => void written.push(line) } }));
    return written.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  it('writes JSON with a constant message, fields and an ISO time', () => {
    const [line] = lines((log) => log.info({ tenant: 't1' }, 'call ended'));

    expect(line).toMatchObject({ level: 'info', service: 'test', tenant: 't1', msg: 'call ended' });
    expect(String(line?.['time'])).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it('hides secrets and prompts that were passed by mistake', () => {
    const [line] = lines((log) =>
      log.warn({ authorization: 'Bearer s3cret', body: { messages: ['s3cret'], apiKey: 's3cret' } }, 'oops'),
    );

    expect(JSON.stringify(line)).not.toContain('s3cret');
  });

  it('leaves out what is below its level', () => {
    expect(lines((log) => log.debug('nothing'))).toEqual([]);
  });
});

describe('metrics', () => {
  it('count all tenants beyond the first ones together', () => {
    const label = new CappedLabel(2);

    expect(['a', 'b', 'c', 'a', 'd'].map((value) => label.of(value))).toEqual(['a', 'b', 'other', 'a', 'other']);
  });

  it('carry their unit in the name', async () => {
    const registry = new Registry();
    routerMetrics(registry);

    const names = (await registry.getMetricsAsJSON()).map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set(Object.values(routerMetricNames)));
    expect(names.every((name) => /_(total|seconds|requests|events)$/.test(name))).toBe(true);
  });
});
