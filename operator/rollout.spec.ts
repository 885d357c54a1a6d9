import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RolloutSettings } from '#libs/contracts/platform-spec.js';
import { type RingName, ringNames } from '#libs/contracts/tenant-placement.js';
import { decideRollout, type RolloutDecision } from './rollout.js';
import type { RolloutInput, RolloutTenant } from './rollout-tenant.js';

const start = new Date('2026-01-01T00:00:00Z');
const at = (seconds: number) => new Date(start.getTime() + seconds * 1000);

function tenant(name: string, ring: RingName, change: Partial<RolloutTenant> = {}): RolloutTenant {
  const version = change.version ?? '1';
  return {
    name,
    ring,
    version,
    running: version,
    isReady: true,
    since: at(-1000),
    assignedAt: version === '1' ? null : at(0),
    isNoProof: false,
    isAsleep: false,
    ...change,
  };
}

function input(tenants: readonly RolloutTenant[], change: Partial<RolloutInput> = {}, settings = {}): RolloutInput {
  return {
    version: '2',
    reached: '1',
    settings: RolloutSettings.parse({ maxUnavailable: 2, soakSeconds: 60, readyTimeoutSeconds: 100, ...settings }),
    before: undefined,
    tenants,
    now: at(10),
    ...change,
  };
}

const given = ({ assignments }: RolloutDecision) =>
  assignments.map(({ tenant: name, version }) => `${name}=${version}`).join(' ');
const rollout = (ring: RingName, phase: 'Progressing' | 'Soaking' | 'Failed' | 'Complete' | 'Paused', more = {}) => ({
  version: '2',
  previousVersion: '1',
  ring,
  phase,
  ...more,
});
const late = { version: '2', running: '1', isReady: false, since: at(0), assignedAt: at(0) };

describe('a rollout', () => {
  it.each<[string, RolloutInput, string, object | undefined]>([
    [
      'has nothing to do at the version that everybody has',
      input([tenant('a', 'canary')], { version: '1' }),
      '',
      undefined,
    ],
    [
      'begins with the canaries',
      input([tenant('a', 'canary'), tenant('b', 'early'), tenant('c', 'stable')]),
      'a=2',
      { ring: 'canary', phase: 'Progressing', previousVersion: '1' },
    ],
    [
      'passes over rings without a tenant',
      input([tenant('b', 'stable')]),
      'b=2',
      { ring: 'stable', phase: 'Progressing' },
    ],
    [
      'takes as many at once as may be unavailable',
      input([tenant('c', 'canary'), tenant('b', 'canary'), tenant('a', 'canary')]),
      'a=2 b=2',
      { ring: 'canary' },
    ],
    [
      'fills up as tenants come to serve',
      input([
        tenant('a', 'canary', { version: '2' }),
        tenant('b', 'canary', { ...late }),
        tenant('c', 'canary'),
        tenant('d', 'canary'),
      ]),
      'c=2',
      { phase: 'Progressing' },
    ],
    [
      'waits while a ring is healthy, but not for long enough',
      input([tenant('a', 'canary', { version: '2' }), tenant('b', 'early')]),
      '',
      { ring: 'canary', phase: 'Soaking', ringHealthySince: '2026-01-01T00:00:10Z' },
    ],
    [
      'goes on to the next ring after that',
      input([tenant('a', 'canary', { version: '2' }), tenant('b', 'early')], {
        before: rollout('canary', 'Soaking', { ringHealthySince: '2026-01-01T00:00:10Z' }),
        now: at(70),
      }),
      'b=2',
      { ring: 'early', phase: 'Progressing' },
    ],
    [
      'counts the time anew when the ring was not healthy meanwhile',
      input([tenant('a', 'canary', { version: '2', isReady: false, since: at(60) }), tenant('b', 'early')], {
        before: rollout('canary', 'Soaking', { ringHealthySince: '2026-01-01T00:00:10Z' }),
        now: at(70),
      }),
      '',
      { ring: 'canary', phase: 'Progressing' },
    ],
    [
      'overlooks a moment without health, and goes no further in it',
      input([tenant('a', 'canary', { version: '2', isReady: false, since: at(67) }), tenant('b', 'early')], {
        before: rollout('canary', 'Soaking', { ringHealthySince: '2026-01-01T00:00:10Z' }),
        now: at(70),
      }),
      '',
      { ring: 'canary', phase: 'Soaking', ringHealthySince: '2026-01-01T00:00:10Z' },
    ],
    [
      'stops at a tenant that does not become Ready, and brings its ring back',
      input([tenant('a', 'canary', { ...late }), tenant('b', 'canary', { version: '2' }), tenant('c', 'early')], {
        before: rollout('canary', 'Progressing'),
        now: at(100),
      }),
      'a=1 b=1',
      { phase: 'Failed', failed: ['a'], message: 'Not Ready within 100 s at version 2: a.' },
    ],
    [
      'says so when the ring is back',
      input([tenant('a', 'canary'), tenant('c', 'early')], { before: rollout('canary', 'Failed', { failed: ['a'] }) }),
      '',
      { phase: 'RolledBack', failed: ['a'] },
    ],
    [
      'leaves the ring as it is where that is asked for',
      input(
        [tenant('a', 'canary', { ...late }), tenant('c', 'early')],
        { before: rollout('canary', 'Progressing'), now: at(100) },
        { rollback: false },
      ),
      '',
      { phase: 'Failed' },
    ],
    [
      'goes past as many failures of a ring as are allowed, and brings those tenants back',
      input(
        [tenant('a', 'canary', { ...late }), tenant('b', 'canary', { version: '2' })],
        { before: rollout('canary', 'Progressing'), now: at(100) },
        { maxFailures: 1 },
      ),
      'a=1',
      { phase: 'Soaking', failed: ['a'] },
    ],
    [
      'begins with no tenant while it is paused',
      input([tenant('a', 'canary')], {}, { paused: true }),
      '',
      { phase: 'Paused', message: 'spec.rollout.paused is set: no further tenant begins.' },
    ],
    [
      'judges those that have begun while it is paused',
      input(
        [tenant('a', 'canary', { ...late }), tenant('b', 'canary')],
        { before: rollout('canary', 'Paused'), now: at(100) },
        { paused: true },
      ),
      'a=1',
      { phase: 'Failed' },
    ],
    [
      'begins anew with a newer version',
      input([tenant('a', 'canary', { version: '2' }), tenant('b', 'early')], {
        version: '3',
        before: rollout('early', 'Progressing'),
      }),
      'a=3',
      { version: '3', previousVersion: '1', ring: 'canary', phase: 'Progressing' },
    ],
    [
      'does not let a newer version past a canary that the one before broke',
      input([tenant('a', 'canary', { ...late }), tenant('b', 'stable')], {
        version: '3',
        before: rollout('canary', 'Failed', { failed: ['a'] }),
      }),
      'a=3',
      { version: '3', ring: 'canary', phase: 'Progressing' },
    ],
    [
      'goes back to the version that everybody had without waiting for proof',
      input([tenant('a', 'canary', { ...late }), tenant('b', 'stable', { version: '2' })], {
        version: '1',
        before: rollout('stable', 'Progressing'),
      }),
      'a=1',
      { version: '1', ring: 'canary' },
    ],
    [
      'moves sleeping tenants along, and does not wait for them',
      input([
        tenant('a', 'canary', { isAsleep: true, isReady: false }),
        tenant('b', 'canary'),
        tenant('c', 'canary'),
        tenant('d', 'canary'),
      ]),
      'a=2 b=2 c=2',
      { ring: 'canary' },
    ],
    [
      'takes no proof from a tenant that did not serve before',
      input([tenant('a', 'canary', { version: '2', running: '1', isReady: false, isNoProof: true })], {
        before: rollout('canary', 'Progressing'),
        now: at(500),
      }),
      '',
      { phase: 'Soaking' },
    ],
    [
      'gives the version to a new tenant of a ring that was through',
      input(
        [tenant('a', 'canary', { version: '2' }), tenant('new', 'canary'), tenant('c', 'stable', { version: '2' })],
        {
          before: rollout('stable', 'Soaking'),
        },
      ),
      'new=2',
      { ring: 'stable', phase: 'Progressing' },
    ],
    [
      'gives it to those that follow again later, when all is done',
      input([tenant('a', 'stable', { version: '0' })], { reached: '2', before: rollout('stable', 'Complete') }),
      'a=2',
      { phase: 'Complete' },
    ],
  ])('%s', (_does, asked, assignments, shown) => {
    const decision = decideRollout(asked);

    expect(given(decision)).toBe(assignments);
    if (shown === undefined) expect(decision.rollout).toBeUndefined();
    else expect(decision.rollout).toMatchObject(shown);
  });

  it('has reached its version when the last ring is through', () => {
    const before = rollout('stable', 'Soaking', { ringHealthySince: '2026-01-01T00:00:00Z' });
    const decision = decideRollout(input([tenant('a', 'stable', { version: '2' })], { before, now: at(60) }));

    expect(decision).toMatchObject({ reached: '2', rollout: { phase: 'Complete' }, lookAgainMs: null });
  });

  it('looks again when the soaking is over, or when a tenant is late', () => {
    const soaking = decideRollout(input([tenant('a', 'canary', { version: '2' })]));
    const waiting = decideRollout(
      input([tenant('a', 'canary', { ...late })], { before: rollout('canary', 'Progressing') }),
    );

    expect([soaking.lookAgainMs, waiting.lookAgainMs]).toEqual([60_000, 90_000]);
  });
});

/** A tenant of the simulation: how long it takes to serve a new version, and whether version 2 works for it. */
interface Actor {
  readonly ring: RingName;
  readonly delay: number;
  readonly works: boolean;
  readonly isAsleep: boolean;
  readonly wasReady: boolean;
}

const actors = fc.array(
  fc.record<Actor>({
    ring: fc.constantFrom(...ringNames),
    delay: fc.integer({ min: 0, max: 90 }),
    works: fc.integer({ min: 0, max: 4 }).map((value) => value > 0),
    isAsleep: fc.integer({ min: 0, max: 5 }).map((value) => value === 0),
    wasReady: fc.integer({ min: 0, max: 5 }).map((value) => value > 0),
  }),
  { minLength: 1, maxLength: 12 },
);

interface Moment {
  readonly tenants: readonly RolloutTenant[];
  readonly decision: RolloutDecision;
}

/** Plays a rollout from its start to its end, 5 seconds a step. */
function play(cast: readonly Actor[], settings: object): readonly Moment[] {
  let tenants = cast.map((actor, index) =>
    tenant(`t${index}`, actor.ring, { isAsleep: actor.isAsleep, isReady: actor.wasReady && !actor.isAsleep }),
  );
  const moments: Moment[] = [];
  let before: RolloutInput['before'];
  let reached = '1';
  for (let seconds = 0; seconds < 20_000; seconds += 5) {
    const now = at(seconds);
    tenants = tenants.map((one, index) => live(one, cast[index]!, now));
    const decision = decideRollout(input(tenants, { before, reached, now }, settings));
    moments.push({ tenants, decision });
    if (decision.rollout?.phase === 'Complete' || (decision.lookAgainMs === null && given(decision) === '')) break;
    before = decision.rollout;
    reached = decision.reached;
    tenants = tenants.map((one) => {
      const assigned = decision.assignments.find(({ tenant: name }) => name === one.name);
      return assigned === undefined
        ? one
        : { ...one, version: assigned.version, assignedAt: now, isNoProof: assigned.isNoProof };
    });
  }
  return moments;
}

/** What becomes of a tenant until `now`. */
function live(one: RolloutTenant, actor: Actor, now: Date): RolloutTenant {
  if (actor.isAsleep || !actor.wasReady || one.running === one.version) return one;
  const age = (now.getTime() - (one.assignedAt ?? now).getTime()) / 1000;
  const serves = age > actor.delay && (one.version === '1' || actor.works);
  if (serves) return { ...one, running: one.version, isReady: true, since: now };
  return one.isReady ? { ...one, isReady: false, since: now } : one;
}

const played = fc
  .record({
    cast: actors,
    settings: fc.record({
      maxUnavailable: fc.integer({ min: 1, max: 4 }),
      maxFailures: fc.integer({ min: 0, max: 2 }),
      rollback: fc.boolean(),
      soakSeconds: fc.constantFrom(0, 30),
    }),
  })
  .map(({ cast, settings }) => ({ cast, settings, moments: play(cast, settings) }));

describe('every rollout', () => {
  it('ends', () => {
    fc.assert(
      fc.property(played, ({ moments }) => {
        expect(['Complete', 'Failed', 'RolledBack']).toContain(moments.at(-1)?.decision.rollout?.phase);
      }),
      { numRuns: 200 },
    );
  });

  it('never has more serving tenants under way than may be unavailable', () => {
    fc.assert(
      fc.property(played, ({ settings, moments }) => {
        for (const { tenants, decision } of moments) {
          const starting = decision.assignments.filter(({ tenant: name, version }) =>
            tenants.some((one) => one.name === name && one.isReady && version === '2'),
          ).length;
          const under = tenants.filter(
            (one) =>
              one.version === '2' &&
              one.running !== '2' &&
              !one.isAsleep &&
              !one.isNoProof &&
              decision.rollout?.failed?.includes(one.name) !== true,
          ).length;
          expect(starting === 0 || starting + under <= settings.maxUnavailable).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('begins a ring only when every tenant of the rings before serves, sleeps, failed within bounds or was down before', () => {
    fc.assert(
      fc.property(played, ({ moments }) => {
        for (const { tenants, decision } of moments)
          for (const { tenant: name, version } of decision.assignments) {
            const next = tenants.find((one) => one.name === name)!;
            const unproven = tenants.filter(
              (one) =>
                ringNames.indexOf(one.ring) < ringNames.indexOf(next.ring) &&
                !(one.version === '2' && one.isReady && one.running === '2') &&
                !one.isAsleep &&
                !one.isNoProof &&
                decision.rollout?.failed?.includes(one.name) !== true,
            );
            expect(version === '1' || unproven.length === 0).toBe(true);
          }
      }),
      { numRuns: 200 },
    );
  });

  it('stays away from the rings behind one with too many failures', () => {
    fc.assert(
      fc.property(played, ({ cast, settings, moments }) => {
        const broken = ringNames.map(
          (ring) => cast.filter((one) => one.ring === ring && !one.works && !one.isAsleep && one.wasReady).length,
        );
        const stop = broken.findIndex((count) => count > settings.maxFailures);
        const reachedBy = moments.flatMap(({ decision }) =>
          decision.assignments.flatMap(({ tenant: name, version }) =>
            version === '2' ? [ringNames.indexOf(cast[Number(name.slice(1))]!.ring)] : [],
          ),
        );
        expect(stop === -1 || Math.max(0, ...reachedBy) <= stop).toBe(true);
        expect(moments.at(-1)?.decision.reached).toBe(stop === -1 ? '2' : '1');
      }),
      { numRuns: 200 },
    );
  });

  it('leaves no tenant of a stopped ring at the version that failed, where it may go back', () => {
    fc.assert(
      fc.property(played, ({ settings, moments }) => {
        const last = moments.at(-1)!;
        const { rollout: shown } = last.decision;
        if (!settings.rollback || shown?.phase === 'Complete') return;
        expect(last.tenants.filter(({ ring, version }) => ring === shown?.ring && version === '2')).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
