import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeApiServer } from '#test/fakes/fake-api-server/fake-api-server.js';
import { ManualTimers } from '#test/fakes/manual-timers.js';
import { until } from '#test/support/until.js';
import { KubeClient } from './client.js';
import type { Lease } from './lease.js';
import { LeaderElector, LeadershipLost } from './leader-election.js';
import { ResourceTable } from './resource-table.js';
import { KubeTransport } from './transport.js';

const ref = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-system', name: 'operator' };

describe('leader election', () => {
  let fake: FakeApiServer;
  let timers: ManualTimers;
  let stops: AbortController[];
  beforeEach(async () => {
    timers = new ManualTimers();
    stops = [];
    fake = await FakeApiServer.start({ now: () => timers.now() });
  });
  afterEach(async () => {
    for (const stop of stops) stop.abort();
    await fake.stop();
  });

  /** A process that wants to lead; `reigns` is what it saw of its leadership. */
  const candidate = (identity: string) => {
    const transport = new KubeTransport({ connection: fake.connection, timers });
    const client = new KubeClient(transport, new ResourceTable(transport));
    const changes: boolean[] = [];
    const elector = new LeaderElector({
      client,
      timers,
      namespace: 'kube-system',
      name: 'operator',
      identity,
      random: () => 0,
      onChange: (isLeader) => changes.push(isLeader),
    });
    const stop = new AbortController();
    stops.push(stop);
    let reign: AbortSignal | undefined;
    const ended = elector.run(stop.signal, async (signal) => {
      reign = signal;
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    });
    return { elector, changes, stop, ended, client, reign: () => reign };
  };
  /** Moves time on in small steps, so that answers over the network come in between. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 500) {
      await timers.advance(500);
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
  };

  it('lets one lead, who renews, while the other waits', async () => {
    const one = candidate('one');
    await until(() => one.elector.isLeader);
    const two = candidate('two');

    await pass(60_000);

    expect([one.elector.isLeader, two.elector.isLeader]).toEqual([true, false]);
    const lease = await one.client.get<Lease>(ref);
    expect(lease.spec).toMatchObject({ holderIdentity: 'one', leaseDurationSeconds: 15, leaseTransitions: 0 });
    expect(Date.parse(lease.spec.renewTime ?? '')).toBeGreaterThan(timers.now().getTime() - 5000);
  });

  it('hands over at once when the leader stops, and counts the terms', async () => {
    const one = candidate('one');
    await until(() => one.elector.isLeader);
    const two = candidate('two');
    await pass(3000);

    one.stop.abort();
    expect(await one.ended).toBe(false);
    await pass(3000);

    expect([one.elector.isLeader, two.elector.isLeader, two.elector.term]).toEqual([false, true, 1]);
    expect(one.changes).toEqual([true, false]);
  });

  it('takes over from a leader that died only after its lease has run out', async () => {
    const dead = { holderIdentity: 'dead', leaseDurationSeconds: 15, leaseTransitions: 4 };
    const { apiVersion, kind, namespace, name } = ref;
    fake.seed({ apiVersion, kind, metadata: { name, namespace }, spec: dead });
    const two = candidate('two');

    await pass(14_500);
    expect(two.elector.isLeader).toBe(false);
    await pass(3000);

    expect([two.elector.isLeader, two.elector.term]).toEqual([true, 5]);
  });

  it('ends its work and refuses further writes when it could not renew for 10 s, before another may lead', async () => {
    const one = candidate('one');
    await until(() => one.elector.isLeader);
    await pass(2500);
    fake.setDown(true);

    await pass(9000);
    expect(() => one.elector.assertHeld()).not.toThrow();
    await pass(2500);

    expect(() => one.elector.assertHeld()).toThrow(LeadershipLost);
    expect(one.reign()?.aborted).toBe(true);
    expect(await one.ended).toBe(true);
  });

  it('notices at its next renewal that another has taken the lease', async () => {
    const one = candidate('one');
    await until(() => one.elector.isLeader);
    await one.client.patch(ref, { spec: { holderIdentity: 'thief' } });

    await pass(3000);

    expect(one.elector.isLeader).toBe(false);
    expect(await one.ended).toBe(true);
  });

  it('stays leader when the answer to a renewal is lost', async () => {
    const one = candidate('one');
    await until(() => one.elector.isLeader);
    fake.faults.next({ kind: 'reset-after' }, { match: ({ method }) => method === 'PUT' });

    await pass(12_000);

    expect([one.elector.isLeader, one.changes]).toEqual([true, [true]]);
  });

  it('lets one of many win', async () => {
    const all = ['a', 'b', 'c', 'd', 'e'].map(candidate);

    await pass(6000);

    expect(all.filter(({ elector }) => elector.isLeader)).toHaveLength(1);
  });
});
