import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BackendView } from '#libs/contracts/admin-api.js';
import { RandomIds } from '#libs/kernel/ids.js';
import type { Role } from '#libs/tenancy/domain/role.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { type Answer, type Browser, meOf } from '#test/support/browser.js';
import { startFaces, type TestFaces, tokenOf } from '#test/support/faces.js';
import { profileOf } from '#test/support/test-database.js';

const ids = new RandomIds();
const password = 'a long enough password';
const svg = (content: string) =>
  `data:image/svg+xml;base64,${Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${content}</svg>`).toString('base64')}`;

describe('the admin API', () => {
  let faces: TestFaces;
  let acme: Tenant;
  let owner: Browser;

  beforeAll(async () => {
    faces = await startFaces();
    const manifest = profileOf('acme');
    acme = await faces.database.provision('acme', {
      branding: { ...manifest.branding, primaryColor: '#0b6e4f' },
      models: { ...manifest.models, monthlyMicroUsd: 25_500_000 },
    });
    owner = (await faces.enter(acme)).admin;
  });
  afterAll(() => faces.close());

  /** Somebody with the role, on the admin pages. */
  const as = async (role: Role, email = `${role}-${ids.next()}@acme.example`, tenant = acme) => {
    const { url } = await faces.identity.inviteByCli(tenant, { email, role });
    const chat = faces.chat(tenant);
    const me = await chat.call('POST', '/api/links/use', { token: tokenOf(url), name: role, password });
    const handover = await chat.call('POST', '/api/admin-handover');
    const admin = faces.admin(tenant);
    if (handover.status === 200)
      await admin.call('POST', '/api/handover', { token: tokenOf(String(handover.json['url'])) });
    return { chat, admin, id: String(meOf(me)['userId']), email };
  };
  type Row = Record<string, unknown>;
  const itemsOf = ({ json }: { json: Readonly<Record<string, unknown>> }) => json['items'] as Row[];
  const audit = async (query = '') => itemsOf(await owner.get(`/api/audit${query}`));

  it('says who is there and which pages they may open', async () => {
    expect((await owner.get('/api/me')).json).toMatchObject({ role: 'owner', mayAdmin: true });
    const { admin } = await as('billing');
    expect((await admin.get('/api/me')).json['pages']).toEqual(['overview', 'usage', 'branding', 'settings']);
    expect((await admin.call('POST', '/api/sign-out')).status).toBe(204);
    expect((await admin.get('/api/me')).status).toBe(401);
  });

  it('lets nobody in without a session, and no page of another origin', async () => {
    expect((await faces.admin(acme).get('/api/people')).status).toBe(401);
    const foreign = await owner.send('POST', '/api/invitations', {
      body: { email: 'x@acme.example', role: 'owner' },
      headers: { origin: faces.chat(acme).origin, 'x-whisper-request': '1' },
    });
    expect(foreign.json).toMatchObject({ error: { code: 'origin_refused' } });
  });

  const gets = [
    '/api/usage?from=2026-01-01&to=2026-01-02',
    '/api/people',
    '/api/invitations',
    '/api/keys',
    '/api/settings',
    '/api/audit',
    '/api/backends',
  ];
  it.each<[Role, number[]]>([
    ['admin', [200, 200, 200, 200, 200, 200, 200]],
    ['auditor', [200, 200, 200, 200, 200, 200, 200]],
    ['billing', [200, 403, 403, 403, 200, 403, 403]],
  ])('shows %s what the role may see', async (role, expected) => {
    const { admin } = await as(role);

    const statuses = [];
    for (const path of gets) statuses.push((await admin.get(path)).status);

    expect(statuses).toEqual(expected);
  });

  it('refuses every change to an auditor, and says so in the audit log', async () => {
    const { admin, id, email } = await as('auditor');
    const changes: [string, string, unknown][] = [
      ['PATCH', `/api/people/${id}`, { role: 'owner' }],
      ['POST', `/api/people/${id}/reset-link`, undefined],
      ['POST', `/api/people/${id}/sign-out`, undefined],
      ['POST', '/api/invitations', { email: 'y@acme.example', role: 'member' }],
      ['DELETE', `/api/invitations/${id}`, undefined],
      ['POST', '/api/keys', { name: 'k' }],
      ['PATCH', '/api/keys/aaaaaaaaaa', { name: 'k' }],
      ['DELETE', '/api/keys/aaaaaaaaaa', undefined],
      ['PATCH', '/api/settings', { branding: { greeting: 'Hi' } }],
      ['PUT', '/api/backends/ollama/use', { use: true }],
    ];

    for (const [method, path, body] of changes) expect((await admin.call(method, path, body)).status).toBe(403);

    const refusals = (await audit('?outcome=refused&limit=20')).filter(({ actor }) => (actor as Row)['name'] === email);
    expect(refusals).toHaveLength(changes.length);
    expect(refusals[0]).toMatchObject({
      action: 'action.refuse',
      target: 'PUT /api/backends/ollama/use',
      reason: 'forbidden',
    });
  });

  it('lets an admin neither make, change, reset nor sign out an owner', async () => {
    const { admin } = await as('admin');
    const member = await as('member');
    const boss = await as('owner');

    expect((await admin.call('POST', '/api/invitations', { email: 'z@acme.example', role: 'owner' })).status).toBe(403);
    expect((await admin.call('PATCH', `/api/people/${member.id}`, { role: 'owner' })).status).toBe(403);
    expect((await admin.call('PATCH', `/api/people/${boss.id}`, { role: 'member' })).status).toBe(403);
    expect((await admin.call('POST', `/api/people/${boss.id}/reset-link`)).status).toBe(403);
    expect((await admin.call('POST', `/api/people/${boss.id}/sign-out`)).status).toBe(403);
    expect((await admin.call('PATCH', `/api/people/${member.id}`, { role: 'billing' })).json).toMatchObject({
      role: 'billing',
    });
  });

  it('keeps the last owner, even when two take each other down at once', async () => {
    const tenant = await faces.database.provision('duo');
    const first = await faces.enter(tenant);
    const second = await as('owner', 'second@duo.example', tenant);
    const firstId = String((await first.admin.get('/api/me')).json['userId']);

    const answers = await Promise.all([
      first.admin.call('PATCH', `/api/people/${second.id}`, { role: 'member' }),
      second.admin.call('PATCH', `/api/people/${firstId}`, { state: 'disabled' }),
    ]);

    // The later one meets the last-owner rule, or is no owner any more.
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 403 || status === 409)).toHaveLength(1);
    const owners = await faces.database.sessions.run(tenant.id, ({ people }) => people.otherOwners(null));
    expect(owners).toBe(1);
  });

  it('a new role counts at once in sessions that are open', async () => {
    const { admin, chat, id } = await as('admin');
    expect((await admin.get('/api/audit')).status).toBe(200);

    await owner.call('PATCH', `/api/people/${id}`, { role: 'billing' });

    expect((await admin.get('/api/audit')).status).toBe(403);
    expect((await chat.get('/api/me')).json).toMatchObject({ role: 'billing' });
  });

  it('finds people page by page', async () => {
    const tenant = await faces.database.provision('crowd');
    const { admin } = await faces.enter(tenant);
    for (const name of ['carl', 'anna', 'b_b', 'bxb']) await as('member', `${name}@crowd.example`, tenant);

    const first = await admin.get('/api/people?limit=3');
    const second = await admin.get(`/api/people?limit=3&cursor=${String(first.json['nextCursor'])}`);

    expect([...itemsOf(first), ...itemsOf(second)].map(({ email }) => email)).toEqual([
      'anna@crowd.example',
      'b_b@crowd.example',
      'bxb@crowd.example',
      'carl@crowd.example',
      'owner@crowd.example',
    ]);
    expect(second.json['nextCursor']).toBeNull();
    expect(itemsOf(await admin.get('/api/people?search=b_b')).map(({ email }) => email)).toEqual(['b_b@crowd.example']);
    expect(itemsOf(await admin.get('/api/people?search=ANNA'))[0]).toMatchObject({
      signIn: ['password'],
      state: 'active',
    });
  });

  it('invites, lists, replaces and revokes', async () => {
    const invite = (email: string) => owner.call('POST', '/api/invitations', { email, role: 'member' });
    const first = await invite('Guest@acme.example');
    const second = await invite('guest@acme.example');
    expect(second.status).toBe(201);
    expect(String(second.json['url'])).toMatch(/^http:\/\/acme\.localhost:\d+\/link#/);

    const open = faces.chat(acme);
    const token = tokenOf(String(first.json['url']));
    expect((await open.call('POST', '/api/links/inspect', { token })).status).toBe(410);
    expect((await owner.call('DELETE', `/api/invitations/${String(second.json['id'])}`)).status).toBe(204);
    expect((await owner.call('DELETE', `/api/invitations/${String(second.json['id'])}`)).status).toBe(404);
    const listed = itemsOf(await owner.get('/api/invitations')).filter(({ email }) => email === 'guest@acme.example');
    expect(listed.map(({ state }) => state)).toEqual(['revoked', 'revoked']);
    expect((await invite('owner@acme.example')).json).toMatchObject({ error: { code: 'conflict', field: 'email' } });
  });

  describe('of a key', () => {
    const newKey = async (body: object = {}) => {
      const { json } = await owner.call('POST', '/api/keys', { name: 'CI', scopes: ['chat'], ...body });
      const { id } = json['key'] as Row;
      return { path: `/api/keys/${String(id)}`, id, view: json['key'] as Row, secret: String(json['secret']) };
    };
    const errorIn = ({ json }: { json: Readonly<Record<string, unknown>> }) => json['error'] as Row;
    const day = (count: number) => new Date(Date.now() + count * 86_400_000).toISOString();

    it('changes name, limits and end, and nothing else; it holds at once and is on record', async () => {
      const { path, id, view, secret } = await newKey({ expiresInDays: 7, limits: { rpm: 5, concurrent: 2 } });
      const { keyAuthenticator } = faces.identity;
      await keyAuthenticator.authenticate(secret, null);
      const change = { name: 'Nightly', limits: { rpm: 3, tpm: 900, concurrent: null }, expiresAt: day(30) };

      const answer = await owner.call('PATCH', path, change);

      expect(answer.status).toBe(200);
      const { name, expiresAt } = change;
      expect(answer.json).toEqual({
        ...view,
        name,
        expiresAt,
        limits: { rpm: 3, tpm: 900 },
        lastUsedAt: expect.any(String),
      });
      expect(itemsOf(await owner.get('/api/keys')).find((key) => key['id'] === id)).toEqual(answer.json);
      expect(await keyAuthenticator.authenticate(secret, null)).toMatchObject({
        limits: { rpm: 3, tpm: 900, concurrent: null },
        scopes: ['chat'],
      });
      const [event] = await audit('?action=key.change&limit=1');
      expect(event).toMatchObject({ target: id, outcome: 'success', actor: { name: 'owner@acme.example' } });
      expect(event?.['reason']).toBe(
        `rpm 5 to 3, tpm none to 900, concurrent 2 to none, expiresAt ${String(view['expiresAt'])} to ${expiresAt}, name "CI" to "Nightly"`,
      );
    });

    it('takes limits and end away, and leaves what is not named', async () => {
      const { path, view } = await newKey({ expiresInDays: 7, limits: { rpm: 5, tpm: 10 } });

      const fewer = await owner.call('PATCH', path, { limits: { tpm: null } });
      const none = await owner.call('PATCH', path, { limits: null, expiresAt: null });

      expect(fewer.json).toEqual({ ...view, limits: { rpm: 5 } });
      expect(none.json).toEqual({ ...view, limits: null, expiresAt: null });
    });

    it('writes nothing down where nothing is another', async () => {
      const { path, id, view } = await newKey({ limits: { rpm: 5 } });

      const answers = [await owner.call('PATCH', path, {}), await owner.call('PATCH', path, { limits: { rpm: 5 } })];

      expect(answers.map(({ json }) => json)).toEqual([view, view]);
      const targets = (await audit('?action=key.change&limit=50')).map(({ target }) => target);
      expect(targets).not.toContain(id);
    });

    it.each([
      ['an end that has passed', { expiresAt: day(-1) }, 'expiresAt'],
      ['an end farther away than a new key can have', { expiresAt: day(3_651) }, 'expiresAt'],
      ['other scopes', { scopes: ['chat', 'models'] }, 'scopes'],
      ['no name', { name: ' ' }, 'name'],
      ['a limit of nothing', { limits: { rpm: 0 } }, 'limits.rpm'],
    ])('refuses %s', async (_case, change, field) => {
      const { path } = await newKey();

      const answer = await owner.call('PATCH', path, change);

      expect(answer.status).toBe(400);
      expect(JSON.stringify(errorIn(answer))).toContain(field);
    });

    it('refuses to change one that is over, and says why', async () => {
      const [revoked, expired] = [await newKey(), await newKey({ expiresInDays: 1 })];
      await owner.call('DELETE', revoked.path);
      faces.clock.shiftMs = 25 * 3_600_000;
      const later = (await faces.enter(acme)).admin;
      const answers = [];
      for (const { path } of [revoked, expired]) answers.push(await later.call('PATCH', path, { expiresAt: null }));
      faces.clock.shiftMs = 0;

      expect(answers.map(({ status }) => status)).toEqual([409, 409]);
      expect(answers.map((answer) => errorIn(answer)['message'])).toEqual([
        expect.stringContaining('was revoked'),
        expect.stringContaining('has expired'),
      ]);
    });
  });

  it('shows a key once and lists it without its secret', async () => {
    const made = await owner.call('POST', '/api/keys', {
      name: 'CI',
      scopes: ['chat'],
      expiresInDays: 7,
      limits: { rpm: 5 },
    });
    expect(made.status).toBe(201);
    const secret = String(made.json['secret']);
    await faces.identity.keyAuthenticator.authenticate(secret, 'acme.localhost');

    const list = await owner.get('/api/keys');

    expect(list.text).not.toContain(secret.split('_')[3]);
    expect(itemsOf(list)[0]).toMatchObject({
      name: 'CI',
      scopes: ['chat'],
      limits: { rpm: 5 },
      createdBy: 'owner@acme.example',
      prefix: secret.split('_').slice(0, 3).join('_'),
      lastUsedAt: expect.any(String),
    });
  });

  it('shows each setting with its source, and changes only what the manifest leaves open', async () => {
    const change = (body: object) => owner.call('PATCH', '/api/settings', body);

    const changed = await change({
      branding: { greeting: 'Hello', starters: ['One', 'Two'] },
      models: { rateLimits: { rpm: 60 }, systemPrompt: 'Be brief.' },
    });
    expect(changed.json).toMatchObject({
      displayName: { value: 'acme', source: 'manifest' },
      branding: {
        primaryColor: { value: '#0b6e4f', source: 'manifest' },
        greeting: { value: 'Hello', source: 'setting' },
        locale: { value: null, source: 'default' },
      },
      models: {
        rateLimits: { value: { rpm: 60 }, source: 'setting' },
        monthlyUsd: { value: '25.5', source: 'manifest' },
      },
    });
    const managed = await change({ branding: { greeting: 'Lost', primaryColor: '#000000' } });
    expect(managed.json).toMatchObject({ error: { code: 'managed_by_manifest', field: 'branding.primaryColor' } });
    const budget = await change({ models: { monthlyUsd: '1' } });
    expect(budget.json).toMatchObject({ error: { code: 'managed_by_manifest', field: 'models.monthlyUsd' } });
    const back = await change({ branding: { greeting: null } });
    expect(back.json).toMatchObject({ branding: { greeting: { value: null, source: 'default' } } });
    expect((await audit('?action=settings.change'))[0]).toMatchObject({
      target: 'branding.greeting',
      outcome: 'success',
    });
  });

  it('keeps allowed, default and fallback models in line', async () => {
    const change = (models: object) => owner.call('PATCH', '/api/settings', { models });

    expect((await change({ allow: ['a', 'b'], default: 'a', fallback: ['b'] })).status).toBe(200);
    expect((await change({ allow: ['b'] })).json).toMatchObject({ error: { field: 'models.default' } });
    expect((await change({ fallback: ['c'] })).json).toMatchObject({ error: { field: 'models.fallback' } });
    expect((await owner.get('/api/settings')).json).toMatchObject({ models: { allow: { value: ['a', 'b'] } } });
    expect((await change({ allow: null, default: null, fallback: null })).status).toBe(200);
  });

  it('sanitises a logo before it is kept', async () => {
    const change = (logo: string) => owner.call('PATCH', '/api/settings', { branding: { logo } });

    const kept = await change(svg('<script>alert(1)</script><path d="M0 0"/>'));
    expect(kept.json).toMatchObject({ branding: { logo: { value: svg('<path d="M0 0"/>'), source: 'setting' } } });
    expect((await change(svg('<g>'))).json).toMatchObject({ error: { code: 'bad_request', field: 'branding.logo' } });
  });

  it('reports usage, and exports it as CSV', async () => {
    const at = new Date(Date.now() - 1_000);
    const day = at.toISOString().slice(0, 10);
    const event = {
      at,
      personId: null,
      keyId: 'aaaaaaaaaa',
      channel: 'api',
      kind: 'chat',
      backend: 'b',
      estimated: false,
    } as const;
    await faces.database.sessions.run(acme.id, ({ usage }) =>
      usage.append([
        {
          ...event,
          tenant: acme.id,
          id: ids.next(),
          model: '=cmd',
          status: 'ok',
          errorCode: null,
          promptTokens: 10,
          completionTokens: 5,
          costMicroUsd: 1_500_000,
          firstTokenMs: 100,
          totalMs: 900,
          attempts: 1,
        },
        {
          ...event,
          tenant: acme.id,
          id: ids.next(),
          model: 'm',
          status: 'error',
          errorCode: 'backend_timeout',
          promptTokens: 3,
          completionTokens: 0,
          costMicroUsd: 0,
          firstTokenMs: null,
          totalMs: 10,
          attempts: 2,
        },
      ]),
    );

    const report = await owner.get(`/api/usage?from=${day}&to=${day}&timeZone=UTC`);
    expect(report.json).toMatchObject({
      total: {
        requests: 2,
        promptTokens: 13,
        completionTokens: 5,
        costMicroUsd: 1_500_000,
        errors: 1,
        activePeople: 0,
      },
      before: { requests: 0, totalMs: { p50: null } },
      days: [{ day, figures: { requests: 2 } }],
      people: [{ userId: null, name: 'API keys', requests: 2, tokens: 18 }],
      errors: [{ code: 'backend_timeout', model: 'm', count: 1 }],
      budget: { monthlyMicroUsd: 25_500_000, spentMicroUsd: 1_500_000, hardStop: false },
    });
    await faces.governance.rollUpUsage(acme.id);
    const file = await owner.get(`/api/usage.csv?from=${day}&to=${day}`);
    expect(file.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(file.text.split('\r\n')[1]).toMatch(new RegExp(`^${day},'=cmd,1,0,0,10,5,1\\.5,0,0,`));
    const bad = await owner.get('/api/usage?from=2026-02-02&to=2026-02-01');
    expect(bad.json).toMatchObject({ error: { code: 'bad_request', field: 'to' } });
    expect((await owner.get('/api/usage?from=2026-02-02&to=2026-02-03&timeZone=Nowhere')).status).toBe(400);
  });

  it('uses a model server only when it was found', async () => {
    const found: BackendView = {
      name: 'ollama',
      provider: 'ollama',
      url: 'http://127.0.0.1:11434',
      source: 'found',
      used: false,
      reachable: true,
      problem: null,
      models: [],
    };
    faces.router.backends = [found, { ...found, name: 'big', source: 'manifest' }];
    const use = (name: string, wanted: boolean) => owner.call('PUT', `/api/backends/${name}/use`, { use: wanted });
    const stored = () =>
      faces.database.sessions.run(acme.id, async ({ settings }) => (await settings.all()).get('models.found'));

    expect((await owner.get('/api/backends')).json['backends']).toHaveLength(2);
    expect((await use('big', true)).status).toBe(404);
    expect((await use('ollama', true)).status).toBe(204);
    expect((await use('ollama', true)).status).toBe(204);
    expect(await stored()).toEqual(['ollama']);
    expect((await use('ollama', false)).status).toBe(204);
    expect(await stored()).toEqual([]);
  });

  it('pages through the audit log, newest first, without a gap', async () => {
    const all = await audit('?limit=200');
    const pages: Row[] = [];
    let cursor: string | null = null;
    do {
      const { json }: Answer = await owner.get(`/api/audit?limit=7${cursor === null ? '' : `&cursor=${cursor}`}`);
      pages.push(...(json['items'] as Row[]));
      cursor = json['nextCursor'] as string | null;
    } while (cursor !== null && pages.length < all.length);

    expect(pages.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
    const times = all.map(({ at }) => String(at));
    expect(times).toEqual([...times].sort().reverse());
    expect((await owner.get('/api/audit?cursor=bm90LWEtcGxhY2U')).json).toMatchObject({
      error: { code: 'bad_request' },
    });
  });
});
