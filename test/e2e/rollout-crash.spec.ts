import { afterEach, describe, expect, it } from '@jest/globals';
import type { PlatformStatus, TenantStatus } from '#libs/contracts/object-status.js';
import type { SeenRequest } from '#test/fakes/fake-api-server/faults.js';
import { OperatedFake } from '#test/support/operated-fake.js';

const people = { owner: { email: 'owner@acme.example' }, isolation: 'dedicated', deletionProtection: false };
const image = (digit: string) => ({ digest: `sha256:${digit.repeat(64)}` });
const platformPath = '/whisperplatforms/';
const tenantPath = '/whispertenants/';

describe('an operator that is killed in an upgrade', () => {
  let fake: OperatedFake;
  afterEach(() => fake.close());

  const platformStatus = () => (fake.find('WhisperPlatform', 'whisper')?.['status'] ?? {}) as PlatformStatus;
  const tenantStatus = (name: string) => (fake.find('WhisperTenant', name)?.['status'] ?? {}) as TenantStatus;
  const versionsOf = () => ['acme', 'globex'].map((name) => tenantStatus(name).platformVersion);
  const areReady = () => ['acme', 'globex'].every((name) => fake.phaseOf(name) === 'Ready');
  const isAt = (version: string) => areReady() && versionsOf().every((running) => running === version);

  /** A canary and another tenant at version 1, with an operator at work. */
  const prepare = async (brokenVersion: string | null) => {
    fake = await OperatedFake.start();
    fake.countsPlatform = true;
    fake.brokenVersion = brokenVersion;
    await setPlatform('1.0.0', '1');
    fake.startOperator();
    fake.seed('WhisperTenant', 'acme', { ...people, displayName: 'Acme', ring: 'canary' });
    fake.seed('WhisperTenant', 'globex', { ...people, displayName: 'Globex' });
    await fake.settled(() => isAt('1.0.0') && platformStatus().images?.length === 1);
    fake.writes.length = 0;
  };

  const setPlatform = async (version: string, digit: string) => {
    const url = `${fake.api.connection.server}/apis/whisperengine.ai/v1alpha1/whisperplatforms/whisper`;
    const rollout = { soakSeconds: 0, readyTimeoutSeconds: 10 };
    const answer = await fetch(url, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ spec: { version, image: image(digit), rollout } }),
    });
    expect(answer.ok).toBe(true);
  };

  const isOver = () => platformStatus().rollout?.phase === 'Complete' && isAt('2.0.0');

  it('before and after each of its decisions ends where it would have ended', async () => {
    await prepare(null);
    await setPlatform('2.0.0', '2');
    await fake.settled(isOver);
    const whole = fake.state();
    const isDecision = (write: string) => write.includes(platformPath) || write.includes(tenantPath);
    const decisions = fake.writes.flatMap((write, at) => (isDecision(write) ? [at] : []));
    expect(fake.writes.length).toBeGreaterThan(20);
    expect(decisions.length).toBeGreaterThan(5);
    await fake.close();

    // Writes of a tenant's objects are the same in every change of it, which another suite goes through.
    for (const at of decisions)
      for (const isDone of [false, true]) {
        await prepare(null);
        fake.killAt(at, isDone);
        await setPlatform('2.0.0', '2');
        fake.startOperator();
        await fake.settled(isOver);

        expect({ at, isDone, state: fake.state() }).toEqual({ at, isDone, state: whole });
        await fake.close();
      }
    fake = await OperatedFake.start();
  }, 400_000);

  const saysPhase = (phase: string) => (request: SeenRequest) =>
    request.path.includes(platformPath) && JSON.stringify(request.body).includes(`"phase":"${phase}"`);
  const takesBack = ({ path, body, method }: SeenRequest) =>
    method === 'PATCH' && path.includes(tenantPath) && JSON.stringify(body).includes('assigned-version":"1.0.0"');

  it.each([
    ['says that a canary failed', saysPhase('Failed')],
    ['gives the canary its version back', takesBack],
    ['says that the ring is back', saysPhase('RolledBack')],
  ])(
    'as it %s has the canary back and nobody else touched in the end',
    async (_what, isMoment) => {
      for (const isDone of [false, true]) {
        await prepare('2.0.0');
        const others = JSON.stringify(fake.find('WhisperTenant', 'globex')?.['status']);
        let crashes = 0;
        fake.killWhen((request) => isMoment(request) && ++crashes === 1, isDone);
        await setPlatform('2.0.0', '2');
        fake.startOperator();
        await fake.settled(() => platformStatus().rollout?.phase === 'RolledBack' && isAt('1.0.0'), 60_000);

        expect(crashes).toBeGreaterThan(0);
        expect(platformStatus()).toMatchObject({ version: '1.0.0', rollout: { failed: ['acme'], ring: 'canary' } });
        expect(JSON.stringify(fake.find('WhisperTenant', 'globex')?.['status'])).toBe(others);
        expect(
          fake.api.store
            .all()
            .filter(({ kind, metadata }) => kind === 'Deployment' && metadata.namespace !== 'whisper-system')
            .filter((object) => !JSON.stringify(object).includes(image('1').digest)),
        ).toEqual([]);
        await fake.close();
      }
      fake = await OperatedFake.start();
    },
    180_000,
  );
});
