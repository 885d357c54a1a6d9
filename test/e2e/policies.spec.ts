import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Endpoint } from '#libs/contracts/endpoint.js';
import { endpoints } from '#libs/contracts/endpoints.js';
import { type RightView, rightSubjects } from '#libs/contracts/roles-api.js';
import { grantable } from '#libs/identity/domain/custom-role.js';
import { RandomIds } from '#libs/kernel/ids.js';
import type { CustomRoleRef, Role } from '#libs/tenancy/domain/role.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Answer, Browser } from '#test/support/browser.js';
import { startFaces, type TestFaces } from '#test/support/faces.js';
import { joinAs } from '#test/support/staff.js';

const ids = new RandomIds();
const nowhere = '00000000-0000-7000-8000-000000000000';
const draft = { type: 'oidc', oidc: { issuer: 'https://idp.example', clientId: 'whisper' } };

/** Bodies and queries that pass the contract, so that nothing but the right stands in the way. */
const samples: Readonly<
  Record<string, { readonly body?: () => unknown; readonly query?: string; readonly id?: string }>
> = {
  getUsage: { query: '?from=2026-01-01&to=2026-01-02' },
  exportUsage: { query: '?from=2026-01-01&to=2026-01-02' },
  changePerson: { body: () => ({ state: 'disabled' }) },
  invite: { body: () => ({ email: `${ids.next()}@acme.example`, role: 'member' }) },
  createKey: { body: () => ({ name: 'k' }) },
  changeKey: { body: () => ({ name: 'k' }), id: 'aaaaaaaaaa' },
  revokeKey: { id: 'aaaaaaaaaa' },
  changeSettings: { body: () => ({ branding: { greeting: 'Hi' } }) },
  useBackend: { body: () => ({ use: false }), id: 'ollama' },
  checkSso: { body: () => ({}) },
  testSso: { body: () => ({}) },
  saveSso: { body: () => ({ draft, testId: nowhere }) },
  createRole: { body: () => ({ name: ids.next(), rights: [] }) },
  changeRole: { body: () => ({ name: ids.next(), rights: [], version: 1 }) },
  changeGroup: { body: () => ({ role: null }) },
  createScimToken: { body: () => ({ name: 't' }) },
  revokeScimToken: { id: 'aaaaaaaaaa' },
};

type Demand = Extract<Endpoint['demands'], { action: string }>;
const demanding = [...endpoints].flatMap(([name, endpoint]) =>
  typeof endpoint.demands === 'object' && 'action' in endpoint.demands
    ? [{ name, endpoint, demand: endpoint.demands }]
    : [],
);
const codeOf = ({ json }: Answer) => (json['error'] as Record<string, unknown> | undefined)?.['code'] ?? null;

/** All rights that a role may give, but one. */
function allBut({ action, subject }: Demand): RightView[] {
  return rightSubjects.flatMap((name) => {
    const actions = grantable[name].actions.filter((one) => name !== subject || one !== action);
    return actions.length === 0 ? [] : [{ subject: name, actions: [...actions] }];
  });
}

describe('the policy of an endpoint', () => {
  let faces: TestFaces;
  let acme: Tenant;
  let owner: Browser;
  const staff = new Map<string, Promise<Browser>>();

  beforeAll(async () => {
    faces = await startFaces();
    acme = await faces.database.provision('acme');
    owner = (await faces.enter(acme)).admin;
  });
  afterAll(() => faces.close());

  const roleWith = async (rights: RightView[]): Promise<CustomRoleRef> => {
    const { json } = await owner.call('POST', '/api/roles', { name: ids.next(), rights });
    return json['ref'] as CustomRoleRef;
  };
  /** Somebody with the rights, once for each set of rights. */
  const somebody = (rights: RightView[] | Role): Promise<Browser> => {
    const key = JSON.stringify(rights);
    const known = staff.get(key);
    if (known !== undefined) return known;
    const made = (async () =>
      (await joinAs(faces, acme, Array.isArray(rights) ? await roleWith(rights) : rights)).admin)();
    staff.set(key, made);
    return made;
  };
  const call = (browser: Browser, name: string, { method, path }: Endpoint) => {
    const sample = samples[name] ?? {};
    const target = path.replace(/:(id|name)/, sample.id ?? nowhere) + (sample.query ?? '');
    return browser.call(method, target, sample.body?.());
  };

  it('is there for each, and names a subject that rights are about', () => {
    expect(demanding.length).toBeGreaterThan(30);
    for (const [name, { demands, access, face }] of endpoints) {
      expect([name, demands]).toEqual([name, expect.anything()]);
      if (typeof demands === 'object' && 'action' in demands) expect(rightSubjects).toContain(demands.subject);
      expect([name, access === 'public']).toEqual([name, demands === 'public']);
      expect([name, access === 'scim-token']).toEqual([name, demands === 'scim-token']);
      expect([name, face === 'router']).toEqual([name, typeof demands === 'object' && 'scope' in demands]);
    }
  });

  it('has rights to ask for wherever a right changes something', () => {
    const asked = new Set(demanding.map(({ demand }) => `${demand.action} ${demand.subject}`));
    for (const subject of rightSubjects)
      for (const action of grantable[subject].actions) expect(asked).toContain(`${action} ${subject}`);
  });

  it.each(demanding)('$name refuses whoever has every other right', async ({ name, endpoint, demand }) => {
    const answer = await call(await somebody(allBut(demand)), name, endpoint);

    expect([answer.status, codeOf(answer)]).toEqual([403, 'forbidden']);
  });

  it.each(demanding)('$name lets in whoever has its right', async ({ name, endpoint, demand }) => {
    const { action, subject } = demand;
    const known = rightSubjects.find((one) => one === subject);
    const isGrantable = known !== undefined && grantable[known].actions.includes(action);
    const rights: RightView[] = [{ subject: known ?? 'usage', actions: [action] }];
    // Some page has to open, and only owners make roles.
    if (subject !== 'usage') rights.push({ subject: 'usage', actions: ['read'] });
    const answer = await call(await somebody(isGrantable ? rights : 'owner'), name, endpoint);

    expect([401, 403]).not.toContain(answer.status);
  });

  it.each(
    [...endpoints]
      .filter(([, { access, face }]) => access === 'session' && face === 'admin')
      .map(([name, one]) => ({ name, one })),
  )('$name takes a session', async ({ name, one }) => {
    expect(codeOf(await call(faces.admin(acme), name, one))).toBe('unauthenticated');
  });
});
