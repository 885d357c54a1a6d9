import { afterEach, describe, expect, it } from '@jest/globals';
import { OperatedFake } from '#test/support/operated-fake.js';

const spec = {
  displayName: 'Acme',
  owner: { email: 'owner@acme.example' },
  isolation: 'dedicated',
  deletionProtection: false,
  domains: [{ host: 'acme.example' }],
};

/** What somebody does to a tenant, and how it ends. */
interface Scenario {
  readonly name: string;
  readonly before: object | null;
  act(fake: OperatedFake): Promise<void>;
  isOver(fake: OperatedFake): boolean;
}

async function patch(fake: OperatedFake, method: string, body: object): Promise<void> {
  const url = `${fake.api.connection.server}/apis/whisperengine.ai/v1alpha1/whispertenants/acme`;
  const headers = { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' };
  const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
  expect(answer.ok).toBe(true);
}

const isReady = (fake: OperatedFake) => fake.isObserved('acme') && fake.phaseOf('acme') === 'Ready';
const isGone = (fake: OperatedFake) =>
  fake.find('WhisperTenant', 'acme') === undefined && fake.find('Namespace', 'whisper-acme') === undefined;
const deletion = (deletionPolicy: string): Scenario => ({
  name: `is deleted with ${deletionPolicy}`,
  before: { ...spec, database: { deletionPolicy } },
  act: (fake) => patch(fake, 'DELETE', {}),
  isOver: isGone,
});

const scenarios: readonly Scenario[] = [
  {
    name: 'is made',
    before: null,
    act: (fake) => Promise.resolve(fake.seed('WhisperTenant', 'acme', spec)),
    isOver: isReady,
  },
  {
    name: 'is changed',
    before: spec,
    act: (fake) => patch(fake, 'PATCH', { spec: { displayName: 'Acme Works', quotas: { pods: 20 } } }),
    isOver: (fake) => isReady(fake) && JSON.stringify(fake.find('ConfigMap', 'tenant')).includes('Acme Works'),
  },
  {
    name: 'goes to sleep',
    before: spec,
    act: (fake) => patch(fake, 'PATCH', { spec: { hibernate: { enabled: true } } }),
    isOver: (fake) => fake.isObserved('acme') && fake.phaseOf('acme') === 'Hibernated',
  },
  deletion('Retain'),
  deletion('Delete'),
  deletion('Snapshot'),
];

describe('an operator that is killed', () => {
  let fake: OperatedFake;
  afterEach(() => fake.close());

  /** Runs a scenario up to the moment at which somebody acts. */
  const prepare = async ({ before }: Scenario) => {
    fake = await OperatedFake.start();
    const operator = fake.startOperator();
    if (before !== null) {
      fake.seed('WhisperTenant', 'acme', before);
      await fake.settled(() => isReady(fake));
    } else await fake.settled(() => true);
    fake.writes.length = 0;
    return operator;
  };

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    'before and after each of its writes leaves nothing behind while a tenant %s',
    async (_name, scenario) => {
      await prepare(scenario);
      await scenario.act(fake);
      await fake.settled(() => scenario.isOver(fake));
      const count = fake.writes.length;
      const whole = fake.state();
      const rows = [...fake.registry.tenants.values()].map(({ slug, state }) => ({ slug, state }));
      expect(count).toBeGreaterThan(2);
      await fake.close();

      for (let at = 0; at < count; at += 1)
        for (const isDone of [false, true]) {
          await prepare(scenario);
          fake.killAt(at, isDone);
          await scenario.act(fake);
          fake.startOperator();
          await fake.settled(() => scenario.isOver(fake));

          expect({ at, isDone, state: fake.state() }).toEqual({ at, isDone, state: whole });
          expect([...fake.registry.tenants.values()].map(({ slug, state }) => ({ slug, state }))).toEqual(rows);
          await fake.close();
        }
      fake = await OperatedFake.start();
    },
    240_000,
  );
});

describe('an operator', () => {
  let fake: OperatedFake;
  afterEach(() => fake.close());

  const requests = () =>
    fake.api.requests.filter(
      ({ authorization, path, query }) =>
        authorization !== undefined && !path.includes('/leases') && query.get('watch') !== 'true',
    ).length;

  it('asks nothing and writes nothing while all is as it should be', async () => {
    fake = await OperatedFake.start();
    fake.startOperator();
    fake.seed('WhisperTenant', 'acme', spec);
    await fake.settled(() => isReady(fake));
    const before = requests();

    await new Promise((resolve) => setTimeout(resolve, 1_500));

    expect(requests() - before).toBe(0);
  });

  it('writes nothing when it is started in a cluster that is as it should be', async () => {
    fake = await OperatedFake.start();
    const first = fake.startOperator();
    fake.seed('WhisperTenant', 'acme', spec);
    await fake.settled(() => isReady(fake));
    fake.kill(first);
    fake.writes.length = 0;

    fake.startOperator();
    await new Promise((resolve) => setTimeout(resolve, 1_500));

    expect(fake.writes).toEqual([]);
  });

  it('goes on where it was when the API server was away', async () => {
    fake = await OperatedFake.start();
    fake.startOperator();
    await fake.settled(() => true);
    fake.api.setDown(true);
    fake.seed('WhisperTenant', 'acme', spec);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    fake.api.setDown(false);
    fake.startOperator();

    await fake.settled(() => isReady(fake));

    expect(fake.find('Deployment', 'chat')).toBeDefined();
  });

  it('waits for an API server that is away when it starts, and does not end', async () => {
    fake = await OperatedFake.start();
    fake.seed('WhisperTenant', 'acme', spec);
    fake.api.setDown(true);
    const operator = fake.startOperator();
    await new Promise((resolve) => setTimeout(resolve, 1_000));

    fake.api.setDown(false);
    await fake.settled(() => isReady(fake));

    expect(operator.starts()).toBe(1);
  });

  it('stays alone at work, however often leadership moves', async () => {
    fake = await OperatedFake.start();
    let leader = fake.startOperator();
    for (let round = 0; round < 5; round += 1) {
      fake.seed('WhisperTenant', `tenant-${round}`, { ...spec, domains: [{ host: `t${round}.example` }] });
      const next = fake.startOperator();
      await new Promise((resolve) => setTimeout(resolve, 60));
      fake.kill(leader);
      leader = next;
    }
    await fake.settled(() => [0, 1, 2, 3, 4].every((round) => fake.phaseOf(`tenant-${round}`) === 'Ready'));

    const objects = fake.api.store
      .all()
      .filter(({ kind, metadata }) => kind === 'Deployment' && metadata.namespace !== 'whisper-system');
    expect(objects).toHaveLength(15);
  });
});
