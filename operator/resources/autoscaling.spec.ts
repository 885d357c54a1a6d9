import { describe, expect, it } from '@jest/globals';
import { chatMetricNames } from '#libs/telemetry/chat-metrics.js';
import { routerMetricNames } from '#libs/telemetry/router-metrics.js';
import { renderInput } from '#test/support/render-input.js';
import { scalingOf } from './app-settings.js';
import { autoscalers } from './autoscaling.js';
import { scalingMetrics } from './names.js';

describe('the bounds of an app', () => {
  it.each([
    ['nothing said', {}, {}, { min: 1, max: 10 }],
    ['the platform', { min: 2, max: 6 }, {}, { min: 2, max: 6 }],
    ['the tenant over the platform', { min: 2, max: 6 }, { max: 4 }, { min: 2, max: 4 }],
    ['a highest number below the lowest of the platform', { min: 5, max: 6 }, { max: 3 }, { min: 3, max: 3 }],
    ['a lowest number above the highest of the platform', { max: 6 }, { min: 8 }, { min: 8, max: 8 }],
  ])('come from the tenant, then the platform: %s', (_case, platform, tenant, expected) => {
    const input = renderInput({
      platform: { autoscaling: { chat: platform } },
      spec: { autoscaling: { chat: tenant } },
    });

    expect(scalingOf(input.platform, input.tenant.spec, 'chat')).toMatchObject(expected);
  });
});

describe('the autoscalers', () => {
  const cpu = (percent: number) => ({
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } },
  });
  const metricsOf = (...change: Parameters<typeof renderInput>) =>
    autoscalers(renderInput(...change)).map(({ spec }) => (spec as { metrics: unknown }).metrics);

  it('count open sockets of the chat and running calls of the router', () => {
    const load = (name: string, averageValue: string) => ({
      type: 'Pods',
      pods: { metric: { name }, target: { type: 'AverageValue', averageValue } },
    });
    const autoscaling = { chat: { targetSockets: 200, targetCpu: 50 }, router: { targetInFlight: 9 } };

    expect(metricsOf({ spec: { autoscaling } })).toEqual([
      [cpu(50), load('whisper_chat_open_sockets', '200')],
      [cpu(70), load('whisper_router_running_requests', '9')],
      [cpu(70)],
    ]);
  });

  it('look at CPU alone where nobody serves metrics of our own', () => {
    const capabilities = { gatewayApi: false, serviceMonitor: false, customMetrics: false };

    expect(metricsOf({ facts: { capabilities } })).toEqual([[cpu(70)], [cpu(70)], [cpu(70)]]);
  });

  it('ask for metrics that the apps have', () => {
    expect(scalingMetrics).toEqual({
      openSockets: chatMetricNames.openSockets,
      runningRequests: routerMetricNames.running,
    });
  });
});
