import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Answer } from '#test/support/browser.js';
import { startFaces, type TestFaces } from '#test/support/faces.js';
import { joinAs, staffPassword } from '#test/support/staff.js';
import { until } from '#test/support/until.js';

const errorOf = ({ json }: Answer) => json['error'] as Readonly<Record<string, unknown>>;

describe('a door that many stand at', () => {
  let faces: TestFaces;
  let acme: Tenant;
  let globex: Tenant;
  let database: pg.Client;
  /** Somebody of globex. */
  let email: string;

  beforeAll(async () => {
    faces = await startFaces();
    [acme, globex] = await Promise.all([faces.database.provision('acme'), faces.database.provision('globex')]);
    database = new pg.Client({ connectionString: faces.database.adminUrl });
    await database.connect();
    ({ email } = await joinAs(faces, globex, 'member'));
  });
  afterAll(async () => {
    await database.end();
    await faces.close();
  });
  beforeEach(() =>
    faces.database.sessions.run(acme.id, ({ attempts }) => attempts.expire(new Date(Date.now() + 86_400_000))),
  );

  const signIn = (tenant: Tenant, who: string) =>
    faces.chat(tenant).call('POST', '/api/sign-in/password', { email: who, password: staffPassword });
  /** Tries at acme that all fail, at once. None of those inside gets on before `release`. */
  const flood = async (size: number) => {
    await database.query(`begin; lock table ${acme.schema}.sign_in_attempt in access exclusive mode`);
    const answered: Answer[] = [];
    const all = Promise.all(
      Array.from({ length: size }, async (_, index) => {
        answered.push(await signIn(acme, `nobody-${index}@acme.example`));
      }),
    );
    return { answered, all, release: () => database.query('commit') };
  };

  it('lets somebody of another organisation pass before most of a flood', async () => {
    const { answered, all, release } = await flood(200);
    const waiting = signIn(globex, email);
    // Sent after all of them: when this has its answer, they stand at the door.
    await faces.chat(globex).get('/api/me');
    expect(answered).toEqual([]);

    await release();
    const answer = await waiting;
    const behind = 200 - answered.length;
    await all;

    expect(answer.status).toBe(200);
    // In one line for all, none of them would be, but those who are worked on together with the last one.
    expect(behind).toBeGreaterThan(100);
    expect(new Set(answered.map(({ status }) => status))).toEqual(new Set([401, 429]));
  });

  it('tells those for whom there is no room when to come back, and lets the others of the line pass', async () => {
    const { answered, all, release } = await flood(600);
    // Four are inside, and 500 wait.
    await until(() => answered.length === 96);
    const crowded = [...answered];

    await release();
    await all;

    for (const answer of crowded) {
      expect([answer.status, errorOf(answer)['code']]).toEqual([429, 'sign_in_throttled']);
      expect(errorOf(answer)['message']).toContain('at this moment');
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      expect(errorOf(answer)).toMatchObject({ retryable: true, retryAt: expect.any(String) });
    }
    const others = answered.slice(96).map((answer) => errorOf(answer)['message']);
    expect(others).toHaveLength(504);
    expect(others.filter((message) => String(message).includes('at this moment'))).toEqual([]);
  });
});
