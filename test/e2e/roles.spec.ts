import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RightView } from '#libs/contracts/roles-api.js';
import type { CustomRoleRef } from '#libs/tenancy/domain/role.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Answer, Browser } from '#test/support/browser.js';
import { startFaces, type TestFaces } from '#test/support/faces.js';
import { joinAs } from '#test/support/staff.js';

type Row = Record<string, unknown>;
const itemsOf = ({ json }: Answer) => json['items'] as Row[];
const codeOf = ({ json }: Answer) => (json['error'] as Row | undefined)?.['code'];

describe('roles of an organisation’s own', () => {
  let faces: TestFaces;
  let acme: Tenant;
  let owner: Browser;
  let count = 0;

  beforeAll(async () => {
    faces = await startFaces();
    acme = await faces.database.provision('acme');
    owner = (await faces.enter(acme)).admin;
  });
  afterAll(() => faces.close());

  const roleWith = async (...rights: RightView[]) => {
    const answer = await owner.call('POST', '/api/roles', { name: `Role ${(count += 1)}`, rights });
    expect(answer.status).toBe(201);
    return { ref: answer.json['ref'] as CustomRoleRef, id: String(answer.json['id']), view: answer.json };
  };
  const staffWith = async (...rights: RightView[]) => joinAs(faces, acme, (await roleWith(...rights)).ref);

  it('give what they say, and nothing else', async () => {
    const { admin, chat } = await staffWith({ subject: 'key', actions: ['read'] });

    expect((await admin.get('/api/me')).json).toMatchObject({
      pages: ['keys'],
      roleName: expect.stringMatching(/^Role/),
    });
    expect((await chat.get('/api/me')).json).toMatchObject({ mayAdmin: true });
    expect((await admin.get('/api/keys')).status).toBe(200);
    expect((await admin.call('POST', '/api/keys', { name: 'k' })).status).toBe(403);
    expect((await admin.get('/api/people')).status).toBe(403);
  });

  it('are made, changed and deleted by owners alone', async () => {
    const role = { name: 'Mine', rights: [] };
    const { id } = await roleWith();
    for (const name of ['admin', 'auditor'] as const) {
      const { admin } = await joinAs(faces, acme, name);
      expect((await admin.get('/api/roles')).status).toBe(200);
      expect((await admin.call('POST', '/api/roles', role)).status).toBe(403);
      expect((await admin.call('PUT', `/api/roles/${id}`, { ...role, version: 1 })).status).toBe(403);
      expect((await admin.call('DELETE', `/api/roles/${id}`)).status).toBe(403);
    }
  });

  it.each<[string, object, string]>([
    ['an unknown subject', { subject: 'owner', actions: ['change'] }, 'rights.0.subject'],
    ['a right nobody can be given', { subject: 'role', actions: ['change'] }, 'rights.0.actions'],
    ['an unknown field', { subject: 'person', actions: ['read'], fields: ['password'] }, 'rights.0.fields'],
    ['an unknown fact', { subject: 'key', actions: ['read'], where: { secret: 'x' } }, 'rights.0.where'],
  ])('are refused with %s, by the name of the field', async (_case, right, field) => {
    const answer = await owner.call('POST', '/api/roles', { name: 'Wrong', rights: [right] });

    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ error: { code: 'bad_request', field } });
  });

  it('have a name each', async () => {
    const { view } = await roleWith();
    const answer = await owner.call('POST', '/api/roles', { name: String(view['name']).toUpperCase(), rights: [] });
    expect(answer.json).toMatchObject({ error: { code: 'conflict', field: 'name' } });
  });

  it('change for whoever has them at once, and for one who reads an old version not at all', async () => {
    const { ref, id, view } = await roleWith({ subject: 'key', actions: ['read'] });
    const { admin } = await joinAs(faces, acme, ref);
    expect((await admin.get('/api/keys')).status).toBe(200);
    const change = { name: String(view['name']), rights: [{ subject: 'usage', actions: ['read'] }], version: 1 };

    expect((await owner.call('PUT', `/api/roles/${id}`, change)).json).toMatchObject({
      version: 2,
      uses: { people: 1 },
    });

    expect((await admin.get('/api/keys')).status).toBe(403);
    expect((await admin.get('/api/usage?from=2026-01-01&to=2026-01-02')).status).toBe(200);
    expect(codeOf(await owner.call('PUT', `/api/roles/${id}`, change))).toBe('conflict');
  });

  it('cannot be deleted while somebody has one, or is invited to one', async () => {
    const { ref, id } = await roleWith();
    const { id: person } = await joinAs(faces, acme, ref);
    expect(codeOf(await owner.call('DELETE', `/api/roles/${id}`))).toBe('conflict');
    await owner.call('PATCH', `/api/people/${person}`, { role: 'member' });
    const invitation = await owner.call('POST', '/api/invitations', { email: `${id}@acme.example`, role: ref });
    expect(invitation.status).toBe(201);
    expect(codeOf(await owner.call('DELETE', `/api/roles/${id}`))).toBe('conflict');
    await owner.call('DELETE', `/api/invitations/${String(invitation.json['id'])}`);

    expect((await owner.call('DELETE', `/api/roles/${id}`)).status).toBe(204);

    expect((await owner.call('DELETE', `/api/roles/${id}`)).status).toBe(404);
    expect(codeOf(await owner.call('PATCH', `/api/people/${person}`, { role: ref }))).toBe('bad_request');
  });

  it('show of the people only those of the condition, and let only those be changed', async () => {
    const member = await joinAs(faces, acme, 'member');
    const auditor = await joinAs(faces, acme, 'auditor');
    const { admin } = await staffWith({ subject: 'person', actions: ['read', 'change'], where: { role: 'member' } });

    const shown = itemsOf(await admin.get('/api/people?limit=200'));

    expect(new Set(shown.map(({ role }) => role))).toEqual(new Set(['member']));
    expect((await admin.call('PATCH', `/api/people/${member.id}`, { state: 'disabled' })).status).toBe(200);
    const unseen = await admin.call('PATCH', `/api/people/${auditor.id}`, { state: 'disabled' });
    const nowhere = await admin.call('PATCH', '/api/people/00000000-0000-7000-8000-000000000000', {
      state: 'disabled',
    });
    expect([unseen.status, nowhere.status]).toEqual([404, 404]);
    const strip = ({ text }: Answer) => text.replace(/"requestId":"[^"]*"/, '');
    expect(strip(unseen)).toBe(strip(nowhere));
  });

  it('let nobody give rights beyond their own, nor reach people who have more', async () => {
    const { admin, id } = await staffWith(
      { subject: 'person', actions: ['read', 'change'] },
      { subject: 'invitation', actions: ['read', 'change'] },
    );
    const boss = await joinAs(faces, acme, 'admin');
    const member = await joinAs(faces, acme, 'member');
    const invite = (role: string) => admin.call('POST', '/api/invitations', { email: `${role}@acme.example`, role });

    for (const role of ['owner', 'admin', 'auditor', 'billing']) {
      expect((await invite(role)).status).toBe(403);
      expect((await admin.call('PATCH', `/api/people/${member.id}`, { role })).status).toBe(403);
      expect((await admin.call('PATCH', `/api/people/${id}`, { role })).status).toBe(403);
    }
    expect((await invite('member')).status).toBe(201);
    expect((await admin.call('PATCH', `/api/people/${boss.id}`, { state: 'disabled' })).status).toBe(403);
    expect((await admin.call('POST', `/api/people/${boss.id}/reset-link`)).status).toBe(403);
    expect((await admin.call('POST', `/api/people/${boss.id}/sign-out`)).status).toBe(403);
    expect((await admin.call('POST', `/api/people/${member.id}/reset-link`)).status).toBe(201);
  });

  it('hold fields back: in the list, in the search and in the cursor', async () => {
    const { admin } = await staffWith({ subject: 'person', actions: ['read'], fields: ['groups'] });
    const { email } = await joinAs(faces, acme, 'member', 'hidden');

    const page = await admin.get('/api/people?limit=1');

    expect(itemsOf(page)[0]).toMatchObject({ email: null, lastSeenAt: null });
    expect(Buffer.from(String(page.json['nextCursor']), 'base64url').toString()).not.toContain('@');
    expect(itemsOf(await admin.get(`/api/people?search=${encodeURIComponent(email)}`))).toEqual([]);
    expect(itemsOf(await admin.get('/api/people?search=hidden'))).toHaveLength(1);
  });

  it('let only the named fields be changed', async () => {
    const { admin } = await staffWith(
      { subject: 'settings', actions: ['read'] },
      { subject: 'settings', actions: ['change'], fields: ['branding'] },
      { subject: 'person', actions: ['read'] },
      { subject: 'person', actions: ['change'], fields: ['state'] },
    );
    const member = await joinAs(faces, acme, 'member');

    expect((await admin.call('PATCH', '/api/settings', { branding: { greeting: 'Hi' } })).status).toBe(200);
    const models = await admin.call('PATCH', '/api/settings', { models: { systemPrompt: 'x' } });
    expect(models.json).toMatchObject({ error: { code: 'forbidden', field: 'models' } });
    expect((await admin.call('PATCH', `/api/people/${member.id}`, { state: 'disabled' })).status).toBe(200);
    const role = await admin.call('PATCH', `/api/people/${member.id}`, { role: 'member' });
    expect(role.json).toMatchObject({ error: { code: 'forbidden', field: 'role' } });
  });

  it('give a person keys of their own and no others', async () => {
    const foreign = await owner.call('POST', '/api/keys', { name: 'of the owner' });
    const { admin } = await staffWith({ subject: 'key', actions: ['read', 'change'], where: { personId: '$self' } });

    const mine = await admin.call('POST', '/api/keys', { name: 'mine' });

    expect(itemsOf(await admin.get('/api/keys')).map(({ name }) => name)).toEqual(['mine']);
    const id = (answer: Answer) => String((answer.json['key'] as Row)['id']);
    expect((await admin.call('PATCH', `/api/keys/${id(foreign)}`, { limits: { rpm: 1 } })).status).toBe(404);
    const changed = await admin.call('PATCH', `/api/keys/${id(mine)}`, { limits: { rpm: 1 } });
    expect([changed.status, changed.json['limits']]).toEqual([200, { rpm: 1 }]);
    expect((await admin.call('DELETE', `/api/keys/${id(foreign)}`)).status).toBe(404);
    expect((await admin.call('DELETE', `/api/keys/${id(mine)}`)).status).toBe(204);
  });

  it('let whoever sees all keys, but changes their own alone, change no other', async () => {
    const foreign = await owner.call('POST', '/api/keys', { name: 'to be seen', limits: { rpm: 7 } });
    const { id } = foreign.json['key'] as Row;
    const { admin } = await staffWith(
      { subject: 'key', actions: ['read'] },
      { subject: 'key', actions: ['change'], where: { personId: '$self' } },
    );

    const answer = await admin.call('PATCH', `/api/keys/${String(id)}`, { limits: null });

    expect([answer.status, codeOf(answer)]).toEqual([403, 'forbidden']);
    const listed = itemsOf(await owner.get('/api/keys')).find((key) => key['id'] === id);
    expect(listed).toMatchObject({ limits: { rpm: 7 } });
  });

  it('show of the audit log what they say', async () => {
    const { admin, id } = await staffWith({
      subject: 'audit',
      actions: ['read'],
      fields: ['reason'],
      where: { actorId: '$self' },
    });

    const shown = itemsOf(await admin.get('/api/audit?limit=200'));

    expect(shown.length).toBeGreaterThan(0);
    expect(new Set(shown.map(({ actor }) => (actor as Row)['id']))).toEqual(new Set([id]));
    expect(new Set(shown.map(({ address }) => address))).toEqual(new Set([null]));
  });

  it('are told of in the audit log', async () => {
    const { id } = await roleWith({ subject: 'usage', actions: ['read'] });
    await owner.call('DELETE', `/api/roles/${id}`);

    const events = itemsOf(await owner.get('/api/audit?limit=10')).filter(({ target }) =>
      String(target).startsWith(id),
    );

    expect(events.map(({ action }) => action)).toEqual(['role.delete', 'role.create']);
  });
});
