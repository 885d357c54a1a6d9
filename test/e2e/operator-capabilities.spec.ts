import { afterEach, describe, expect, it } from '@jest/globals';
import { monitorKind, routeKind } from '#operator/kinds.js';
import { apiResource } from '#operator/runtime/resource-table.js';
import { OperatedFake } from '#test/support/operated-fake.js';
import { scalingMetric } from '#test/support/optional-apis.js';
import { until } from '#test/support/until.js';

const spec = {
  displayName: 'Acme',
  owner: { email: 'owner@acme.example' },
  isolation: 'dedicated',
  domains: [{ host: 'acme.example' }],
};
const gateway = { type: 'gateway', gateway: { name: 'main', namespace: 'gateways' } };
const routes = apiResource({ ...routeKind, plural: 'httproutes', namespaced: true });
const monitors = apiResource({ ...monitorKind, plural: 'servicemonitors', namespaced: true });

describe('an operator whose cluster learns and forgets', () => {
  let fake: OperatedFake;
  afterEach(() => fake.close());

  const start = async (platform: object, phase = 'Ready') => {
    fake = await OperatedFake.start({ capabilitiesMs: 60, platform });
    fake.seed('WhisperTenant', 'acme', spec);
    fake.startOperator();
    await fake.settled(() => fake.phaseOf('acme') === phase);
  };
  const status = () => JSON.stringify(fake.find('WhisperTenant', 'acme')?.['status']);
  const scalerOf = (app: string) => JSON.stringify(fake.find('HorizontalPodAutoscaler', app)?.['spec']);
  const notes = () =>
    fake.api.store
      .all()
      .filter(({ kind, reason }) => kind === 'Event' && String(reason).startsWith('Capability'))
      .map(({ reason, regarding }) => `${String(reason)} ${(regarding as { name: string }).name}`);

  it('gives tenants routes and monitors when the cluster gets them, and goes on when it loses them', async () => {
    await start({ ingress: gateway }, 'Provisioning');
    expect(status()).toContain('NoGatewayApi');

    for (const each of [routes, monitors]) fake.api.register(each);
    await fake.settled(() => fake.phaseOf('acme') === 'Ready');
    expect(fake.find('HTTPRoute', 'admin')).toBeDefined();
    expect(fake.find('ServiceMonitor', 'whisper')).toBeDefined();

    fake.api.unregister(routeKind);
    await fake.settled(() => fake.phaseOf('acme') === 'Degraded');
    expect(notes()).toContain('CapabilityLost whisper');

    fake.api.register(routes);
    await fake.settled(() => fake.phaseOf('acme') === 'Ready');
    expect(fake.find('HTTPRoute', 'chat')).toBeDefined();
  });

  it('puts right what somebody changes of a kind that came later', async () => {
    await start({ ingress: gateway }, 'Provisioning');
    fake.api.register(routes);
    await fake.settled(() => fake.find('HTTPRoute', 'chat') !== undefined);

    const { server } = fake.api.connection;
    const path = `${server}/apis/gateway.networking.k8s.io/v1/namespaces/whisper-acme/httproutes/chat`;
    await fetch(path, { method: 'DELETE' });
    await fake.settled(() => fake.find('HTTPRoute', 'chat') !== undefined);

    expect(fake.find('HTTPRoute', 'chat')).toBeDefined();
  });

  it('lets autoscalers go by sockets and calls for as long as somebody serves them', async () => {
    await start({});
    expect(scalerOf('chat')).not.toContain('whisper_chat_open_sockets');

    for (const each of scalingMetric.both) fake.api.register(each);
    await fake.settled(() => scalerOf('chat').includes('whisper_chat_open_sockets'));
    expect(scalerOf('router')).toContain('whisper_router_running_requests');
    expect(notes()).toEqual(['CapabilityFound whisper']);

    for (const each of scalingMetric.both) fake.api.unregister(scalingMetric.kindOf(each));
    await fake.settled(() => !scalerOf('chat').includes('whisper_chat_open_sockets'));
    expect(scalerOf('router')).not.toContain('whisper_router_running_requests');
  });

  it('tells by its leader alone: one that lost the lease looks and tells no more', async () => {
    fake = await OperatedFake.start({ capabilitiesMs: 60 });
    fake.seed('WhisperTenant', 'acme', spec);
    const operator = fake.startOperator();
    await fake.settled(() => fake.phaseOf('acme') === 'Ready');

    const { server } = fake.api.connection;
    const stolen = await fetch(
      `${server}/apis/coordination.k8s.io/v1/namespaces/whisper-system/leases/whisper-operator`,
      {
        method: 'PATCH',
        headers: { 'content-type': 'application/merge-patch+json' },
        body: JSON.stringify({ spec: { holderIdentity: 'somebody', renewTime: new Date().toISOString() } }),
      },
    );
    expect(stolen.status).toBe(200);
    await until(() => operator.starts() === 2 && operator.isAtWork());
    for (const each of scalingMetric.both) fake.api.register(each);
    await fake.settled(() => scalerOf('chat').includes('whisper_chat_open_sockets'));

    expect(notes()).toEqual(['CapabilityFound whisper']);
  });
});
