import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openSecurity, type Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Answer, Browser } from '#test/support/browser.js';
import { startFaces, type TestFaces } from '#test/support/faces.js';
import { joinAs } from '#test/support/staff.js';

const minute = 60_000;
const hour = 60 * minute;
const errorOf = ({ json }: Answer) => (json['error'] ?? {}) as Record<string, unknown>;
const limitsOf = ({ json }: Answer) =>
  (json['security'] as { sessions: Record<string, { value: number; source: string }> }).sessions;
const maxAgeOf = ({ headers }: Answer) => Number(/Max-Age=(\d+)/.exec(String(headers['set-cookie']))?.[1]);

describe('how long sessions last', () => {
  let faces: TestFaces;

  beforeAll(async () => {
    faces = await startFaces();
  });
  afterAll(() => faces.close());
  beforeEach(() => {
    faces.clock.shiftMs = 0;
  });

  const set = (admin: Browser, sessions: object) =>
    admin.call('PATCH', '/api/settings', { security: { ...openSecurity, sessions } });
  const meOf = async (browser: Browser) => (await browser.get('/api/me')).status;

  it('is a week of idling and a month where nobody says anything, and less on the admin pages', async () => {
    const { admin } = await faces.enter(await faces.database.provision('usual'));

    expect(limitsOf(await admin.get('/api/settings'))).toEqual({
      idleMinutes: { value: 10_080, source: 'default' },
      absoluteHours: { value: 720, source: 'default' },
      adminIdleMinutes: { value: 120, source: 'default' },
      adminAbsoluteHours: { value: 12, source: 'default' },
    });
  });

  describe('set on the admin page', () => {
    let acme: Tenant;
    let admin: Browser;

    beforeAll(async () => {
      faces.clock.shiftMs = 0;
      acme = await faces.database.provision('acme');
      ({ admin } = await faces.enter(acme));
    });

    it('ends a session that is not used', async () => {
      expect((await set(admin, { idleMinutes: 10 })).status).toBe(200);
      const { chat } = await joinAs(faces, acme, 'member', 'idler');

      faces.clock.shiftMs = 9 * minute;
      expect(await meOf(chat)).toBe(200);
      faces.clock.shiftMs = 18 * minute;
      expect(await meOf(chat)).toBe(200);
      faces.clock.shiftMs = 29 * minute;
      expect(await meOf(chat)).toBe(401);
    });

    it('ends a session that is used, at its end, which its cookie knows', async () => {
      await set(admin, { absoluteHours: 1, idleMinutes: null });
      const { url } = await faces.identity.inviteByCli(acme, { email: 'ender@acme.example', role: 'member' });
      const chat = faces.chat(acme);
      const body = { token: new URL(url).hash.slice(1), name: 'E', password: 'a long enough password' };
      expect(maxAgeOf(await chat.call('POST', '/api/links/use', body))).toBe(3_600);

      faces.clock.shiftMs = 59 * minute;
      expect(await meOf(chat)).toBe(200);
      faces.clock.shiftMs = hour;
      expect(await meOf(chat)).toBe(401);
    });

    it('ends sessions at once that were opened under a longer limit', async () => {
      await set(admin, { absoluteHours: null, idleMinutes: null });
      const { chat } = await joinAs(faces, acme, 'member', 'early');
      const sessionId = String((await chat.get('/api/me')).json['sessionId']);
      const told: string[] = [];
      faces.identity.sessionAuthenticator.onRevoked((id) => void told.push(id));
      faces.clock.shiftMs = 2 * hour;
      const late = (await faces.enter(acme)).admin;
      expect(await meOf(chat)).toBe(200);

      expect((await set(late, { absoluteHours: 1 })).status).toBe(200);

      expect(told).toContain(sessionId);
      expect(await meOf(chat)).toBe(401);
    });

    it.each([
      ['idling that is as long as the whole', { idleMinutes: 60, absoluteHours: 1 }, 'security.sessions.idleMinutes'],
      [
        'the same on the admin pages',
        { adminIdleMinutes: 60, adminAbsoluteHours: 1 },
        'security.sessions.adminIdleMinutes',
      ],
      ['less than a reader needs', { idleMinutes: 4 }, 'security.sessions.idleMinutes'],
      ['more than a year', { absoluteHours: 8_761 }, 'security.sessions.absoluteHours'],
      ['parts of a minute', { idleMinutes: 10.5 }, 'security.sessions.idleMinutes'],
    ])('refuses %s', async (_case, sessions, field) => {
      const { admin: now } = await faces.enter(acme);

      const answer = await set(now, sessions);

      expect([answer.status, errorOf(answer)['field']]).toEqual([400, field]);
    });
  });

  describe('set in the manifest', () => {
    const sessions = { ...openSecurity.sessions, adminAbsoluteHours: 2, absoluteHours: 3 };

    it('is not for the admin page to change, but what it leaves open is', async () => {
      const tenant = await faces.database.provision('managed', { security: { ...openSecurity, sessions } });
      const { admin } = await faces.enter(tenant);

      const refused = await set(admin, { adminAbsoluteHours: 4 });
      const taken = await set(admin, { adminIdleMinutes: 30 });

      expect([refused.status, errorOf(refused)['code']]).toEqual([409, 'managed_by_manifest']);
      expect(limitsOf(taken)).toMatchObject({
        adminAbsoluteHours: { value: 2, source: 'manifest' },
        adminIdleMinutes: { value: 30, source: 'setting' },
        idleMinutes: { value: 10_080, source: 'default' },
      });
      expect(errorOf(await set(admin, { idleMinutes: 180 }))['field']).toBe('security.sessions.idleMinutes');
    });

    it('ends sessions by the job that looks for those past their limits', async () => {
      const tenant = await faces.database.provision('jobbed', { security: { ...openSecurity, sessions } });
      const { chat } = await faces.enter(tenant);
      const told: string[] = [];
      faces.identity.sessionAuthenticator.onRevoked((id) => void told.push(id));
      const sessionId = String((await chat.get('/api/me')).json['sessionId']);
      faces.clock.shiftMs = 3 * hour - minute;
      await chat.get('/api/me');
      await faces.identity.expireSignIns(tenant.id);
      const before = [...told];

      faces.clock.shiftMs = 3 * hour;
      await faces.identity.expireSignIns(tenant.id);

      expect(before).not.toContain(sessionId);
      expect(told).toContain(sessionId);
    });
  });
});
