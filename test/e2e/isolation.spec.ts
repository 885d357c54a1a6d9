import { randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { topicOf } from '#libs/chat/app/announce.js';
import { KeepHouse } from '#libs/chat/app/keep-house.js';
import { type ClientFrameName, clientFrames } from '#libs/contracts/chat-events.js';
import { type Endpoint, guardHeader } from '#libs/contracts/endpoint.js';
import { endpoints } from '#libs/contracts/endpoints.js';
import { internalRoutes } from '#libs/contracts/router-api.js';
import { composeGovernance } from '#libs/platform/compose-governance.js';
import { composeIdentity } from '#libs/platform/compose-identity.js';
import { jobHandlers } from '#libs/platform/run-jobs.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { type JobName, jobNames } from '#libs/tenancy/ports/jobs.js';
import { type Answer, Browser } from '#test/support/browser.js';
import { ShiftedClock } from '#test/support/faces.js';
import { LiveSocket } from '#test/support/live-socket.js';
import {
  type Belongings,
  type Organisation,
  password,
  startTwoOrganisations,
  type TwoOrganisations,
  unknownBelongings,
} from '#test/support/two-organisations.js';
import { until } from '#test/support/until.js';

/** A call that names things of `their` organisation. */
interface Call {
  readonly id?: string;
  readonly body?: unknown;
  readonly query?: string;
}

/**
 * What an endpoint must do for a caller of another organisation. `hidden`: each call that names their things is
 * answered with `status`, and just as if they were nowhere. `own`: it names nothing and shows only what is one's own.
 */
type Case =
  | { readonly kind: 'hidden'; readonly status: readonly number[]; readonly calls: (their: Belongings) => Call[] }
  | { readonly kind: 'own'; readonly calls: (their: Belongings) => Call[] };

const hidden = (calls: (their: Belongings) => Call[], ...status: number[]): Case => ({
  kind: 'hidden',
  status: status.length === 0 ? [404] : status,
  calls,
});
const own = (calls: (their: Belongings) => Call[] = () => [{}]): Case => ({ kind: 'own', calls });
const byId = (name: keyof Belongings, body?: unknown) =>
  hidden((their) => [{ id: their[name], ...(body === undefined ? {} : { body }) }]);
const turn = (intent: object) => ({ clientId: '00000000-0000-4000-8000-000000000001', intent });
const ssoDraft = { type: 'oidc', oidc: { issuer: 'https://idp.example', clientId: 'whisper' } };
const bytes = Buffer.from('{"challenge":"x"}').toString('base64url');
const passkeyAnswer = {
  type: 'public-key',
  response: { clientDataJSON: bytes, authenticatorData: bytes, signature: bytes },
};
const madePasskey = { type: 'public-key', response: { clientDataJSON: bytes, attestationObject: bytes } };
const period = '?from=2026-01-01&to=2026-12-31';

/** A case for each endpoint of the contracts, by its name there. */
const cases: Readonly<Record<string, Case>> = {
  getMe: own(),
  signInWithPassword: hidden(({ email }) => [{ body: { email: `x${email}`, password } }], 401),
  inspectLink: hidden(
    ({ ownerToken, handoverToken }) => [{ body: { token: ownerToken } }, { body: { token: handoverToken } }],
    410,
  ),
  useLink: hidden(
    ({ ownerToken, handoverToken }) => [{ body: { token: ownerToken } }, { body: { token: handoverToken } }],
    410,
  ),
  showSecondFactor: hidden(({ ticket }) => [{ body: { ticket, factor: { kind: 'totp', code: '000000' } } }], 410),
  beginEnrolment: hidden(({ ticket }) => [{ body: { ticket } }], 410),
  finishEnrolment: hidden(({ ticket, setup }) => [{ body: { ticket, setup, code: '000000' } }], 410),
  getSecurity: own(),
  beginApp: own(),
  confirmApp: hidden(({ setup }) => [{ body: { setup, code: '000000' } }], 409),
  removeApp: hidden(() => [{}]),
  renewRecoveryCodes: own(),
  revokeOtherSessions: own(() => []),
  startSso: hidden(() => [{}]),
  startSsoTest: hidden(({ handoverToken }) => [{ query: `?ticket=${handoverToken}` }], 410),
  endByLogoutToken: hidden(({ handoverToken }) => [{ body: { logout_token: handoverToken } }], 400),
  finishOidc: hidden(({ session }) => [{ query: `?state=${session}&code=x` }], 401, 404),
  listSamlKeys: own(),
  publishSamlKey: own(),
  useNextSamlKey: own(),
  describeSaml: own(),
  finishSaml: hidden(({ session }) => [{ body: { SAMLResponse: 'PHg+', RelayState: session } }], 401),
  followSamlLogout: hidden(() => [{ query: '?SAMLRequest=eA' }], 400),
  postSamlLogout: hidden(() => [{ body: { SAMLRequest: 'PHg+' } }], 400),
  signOut: own(() => []),
  listSessions: own(),
  revokeSession: byId('session'),
  changePassword: hidden(() => [{ body: { current: 'not the password', password } }], 401),
  askToConfirm: own(),
  askAdminToConfirm: own(),
  confirmSession: hidden(() => [{ body: { kind: 'password', password: 'not the password' } }], 401),
  openAdmin: own(),
  askSecondPasskey: hidden(({ ticket }) => [{ body: { ticket } }], 410),
  beginPasskeyEnrolment: hidden(({ ticket }) => [{ body: { ticket } }], 410),
  finishPasskeyEnrolment: hidden(
    ({ ticket }) => [{ body: { ticket, name: 'x', answer: { ...madePasskey, id: 'x', rawId: 'x' } } }],
    410,
  ),
  askPasskey: own(),
  signInWithPasskey: hidden(({ passkey: id }) => [{ body: { answer: { ...passkeyAnswer, id, rawId: id } } }], 401),
  listPasskeys: own(),
  beginPasskey: own(),
  addPasskey: hidden(({ passkey: id }) => [{ body: { name: 'x', answer: { ...madePasskey, id, rawId: id } } }], 401),
  renamePasskey: byId('passkey', { name: 'Taken over' }),
  removePasskey: byId('passkey'),
  listConversations: own(() => [{}, { query: '?search=Canary' }]),
  getConversation: byId('conversation'),
  changeConversation: byId('conversation', { title: 'Taken over' }),
  deleteConversation: byId('conversation'),
  restoreConversation: byId('conversation'),
  rateMessage: byId('answer', { feedback: { rating: 'down', comment: 'Taken over' } }),
  listModels: own(),
  sendTurn: hidden(({ conversation, question, answer }) =>
    [
      { kind: 'say', conversationId: conversation, parentId: null, text: 'x' },
      { kind: 'say', conversationId: conversation, parentId: answer, text: 'x' },
      { kind: 'edit', messageId: question, text: 'x' },
      { kind: 'regenerate', messageId: answer },
      { kind: 'continue', messageId: answer },
    ].map((intent) => ({ body: turn(intent) })),
  ),
  // To stop what is not there is no error: it does not run.
  stopGeneration: hidden(({ generation }) => [{ id: generation }], 204),
  followGeneration: byId('generation'),
  enterAdmin: hidden(
    ({ ownerToken, handoverToken }) => [{ body: { token: handoverToken } }, { body: { token: ownerToken } }],
    410,
  ),
  getSso: own(),
  checkSso: hidden(() => [{ body: {} }], 404),
  testSso: hidden(() => [{ body: {} }], 404),
  getSsoTest: byId('session'),
  saveSso: hidden(({ session }) => [{ body: { draft: ssoDraft, testId: session } }], 409),
  removeSso: own(),
  getAdminMe: own(),
  confirmAdmin: hidden(() => [{ body: { kind: 'password', password: 'not the password' } }], 401),
  leaveAdmin: own(() => []),
  getUsage: own(() => [{ query: period }]),
  exportUsage: own(() => [{ query: period }]),
  listPeople: own(() => [{}, { query: '?search=Canary' }]),
  changePerson: byId('person', { role: 'member' }),
  resetPerson: byId('person'),
  signOutPerson: byId('person'),
  resetFactors: byId('person'),
  listInvitations: own(),
  invite: own(() => [{ body: { email: `${randomUUID()}@same.example`, role: 'member' } }]),
  revokeInvitation: byId('invitation'),
  listRoles: own(),
  createRole: own(() => [{ body: { name: randomUUID(), rights: [] } }]),
  changeRole: byId('role', { name: 'Taken over', rights: [], version: 1 }),
  deleteRole: byId('role'),
  listGroups: own(() => [{}, { query: '?search=Canary' }]),
  changeGroup: byId('group', { role: 'member' }),
  getScim: own(),
  createScimToken: own(() => [{ body: { name: 'mine' } }]),
  revokeScimToken: byId('scimTokenId'),
  scimListUsers: own(({ email }) => [{}, { query: `?filter=${encodeURIComponent(`userName eq "x${email}"`)}` }]),
  scimGetUser: byId('person'),
  scimCreateUser: own(() => [{ body: { userName: `${randomUUID()}@same.example` } }]),
  scimReplaceUser: byId('person', { userName: 'taken@over.example' }),
  scimPatchUser: byId('person', { Operations: [{ op: 'replace', value: { active: false } }] }),
  scimDeleteUser: byId('person'),
  scimListGroups: own(),
  scimGetGroup: byId('group'),
  scimCreateGroup: own(({ person }) => [{ body: { displayName: randomUUID(), members: [{ value: person }] } }]),
  scimReplaceGroup: byId('group', { displayName: 'Taken over' }),
  scimPatchGroup: byId('group', { Operations: [{ op: 'replace', value: { displayName: 'Taken over' } }] }),
  scimDeleteGroup: byId('group'),
  scimConfig: own(),
  scimListSchemas: own(),
  scimGetSchema: hidden(() => [{ id: 'x' }]),
  scimListResourceTypes: own(),
  scimGetResourceType: hidden(() => [{ id: 'x' }]),
  listKeys: own(),
  createKey: own(() => [{ body: { name: 'mine' } }]),
  changeKey: byId('keyId', { name: 'Taken over', limits: null }),
  revokeKey: byId('keyId'),
  getSettings: own(),
  changeSettings: own(() => [{ body: { branding: { greeting: 'Taken over' } } }]),
  listBackends: own(),
  useBackend: byId('backend', { use: true }),
  listAudit: own(() => [{}, { query: '?action=conversation.create' }]),
  v1Models: own(),
  v1ChatCompletions: hidden(({ model }) => [{ body: { model, messages: [{ role: 'user', content: 'x' }] } }]),
  v1Embeddings: hidden(({ model }) => [{ body: { model, input: 'x' } }]),
};

/** Routes beside the contracts: pages, what they load, and the internal face, each with a case of its own below. */
const otherRoutes = {
  chat: ['GET /', 'GET /*', 'GET /brand/:file'],
  admin: ['GET /', 'GET /*', 'GET /brand/:file'],
  router: [
    `GET ${internalRoutes.models}`,
    `GET ${internalRoutes.backends}`,
    `POST ${internalRoutes.chatCompletions}`,
    `POST ${internalRoutes.embeddings}`,
  ],
} as const;
const isAsset = (route: string) => /^GET \/(assets\/[\w./-]+|[\w-]+\.(js|svg|png|ico|txt))$/.test(route);

describe('two organisations on one platform', () => {
  let world: TwoOrganisations;
  let acme: Organisation;
  let globex: Organisation;
  const nowhere = unknownBelongings();

  beforeAll(async () => {
    world = await startTwoOrganisations();
    ({ acme, globex } = world);
  });
  afterAll(() => world.close());

  /** An answer without what differs between any two: request id, and the names that were asked for. */
  const bare = ({ status, headers, text }: Answer, their: Belongings) => {
    let body = text.replace(/"requestId":"[^"]*"/, '').replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id');
    for (const value of Object.values(their) as string[]) if (value !== '') body = body.replaceAll(value, 'name');
    return { status, body, type: headers['content-type'], cache: headers['cache-control'] };
  };

  const call = (as: Organisation, { method, path, face, access }: Endpoint, { id = '', body, query = '' }: Call) => {
    const target = path.replace(/:(id|name)/, id) + query;
    if (access === 'api-key' || access === 'scim-token') {
      const origin = `http://${as.has.host}:${world.port}`;
      const headers = { authorization: `Bearer ${access === 'api-key' ? as.has.key : as.has.scimToken}` };
      return new Browser(origin).send(method, target, { ...(body === undefined ? {} : { body }), headers });
    }
    return (face === 'chat' ? as.chat : as.admin).call(method, target, body);
  };

  describe('routes', () => {
    it('are those of the contracts, the pages and what they load', () => {
      for (const face of ['chat', 'admin', 'router'] as const) {
        const real = world.platform.faces[face].routes.filter((route) => !isAsset(route));
        const told = [...endpoints.values()]
          .filter((one) => one.face === face)
          .map(({ method, path }) => `${method} ${path}`);
        expect([...new Set(real)].sort()).toEqual([...told, ...otherRoutes[face]].sort());
      }
    });

    it('have a case each', () => {
      expect(Object.keys(cases).sort()).toEqual([...endpoints.keys()].sort());
    });

    const listed = [...endpoints].map(([name, endpoint]) => ({ name, endpoint, test: cases[name] }));

    it.each(listed)(
      '$name: what is another’s is as if it were nowhere, and nothing of it is shown',
      async ({ endpoint, test }) => {
        if (test === undefined) throw new Error('there is no case');
        const theirs = test.calls(globex.has);
        const unknown = test.calls(nowhere);

        for (const [index, one] of theirs.entries()) {
          const answer = await call(acme, endpoint, one);
          expect(answer.text).not.toContain(globex.canary);
          if (test.kind === 'own') {
            expect(answer.status).toBe(endpoint.status);
            continue;
          }
          expect(test.status).toContain(answer.status);
          expect(bare(answer, globex.has)).toEqual(bare(await call(acme, endpoint, unknown[index]!), nowhere));
        }
      },
    );

    it.each(listed.filter(({ endpoint }) => endpoint.access !== 'public'))(
      '$name: a session or key is worth nothing at another’s address',
      async ({ endpoint, test }) => {
        const [one = {}] = test?.calls(globex.has) ?? [];
        const target = endpoint.path.replace(/:(id|name)/, one.id ?? '') + (one.query ?? '');
        const ask = (mine: Belongings) => {
          const host = endpoint.face === 'admin' ? `admin.${globex.has.host}` : globex.has.host;
          const origin = `http://${host}:${world.port}`;
          const cookie = `__Host-whisper=${mine.cookie}; __Host-whisper-admin=${mine.adminCookie}`;
          const headers: Record<string, string> =
            endpoint.access === 'api-key' || endpoint.access === 'scim-token'
              ? { authorization: `Bearer ${endpoint.access === 'api-key' ? mine.key : mine.scimToken}` }
              : { origin, [guardHeader]: '1', cookie };
          return new Browser(origin).send(endpoint.method, target, {
            ...(one.body === undefined ? {} : { body: one.body }),
            headers,
          });
        };

        const answer = await ask(acme.has);

        expect(answer.status).toBe(401);
        expect(bare(answer, acme.has)).toEqual(bare(await ask(nowhere), nowhere));
        expect(answer.text).not.toContain(globex.canary);
      },
    );

    it('show the look of the host that was asked, and the logo of no other', async () => {
      for (const browser of [acme.chat, acme.admin]) {
        const page = await browser.get('/', { accept: 'text/html' });
        expect(page.text).toContain(acme.canary);
        expect(page.text).not.toContain(globex.canary);
        expect((await browser.get(`/brand/${acme.has.logo}`)).status).toBe(200);
        const theirs = await browser.get(`/brand/${globex.has.logo}`);
        expect(theirs.status).toBe(404);
        expect(bare(theirs, globex.has)).toEqual(bare(await browser.get(`/brand/${nowhere.logo}`), nowhere));
      }
    });

    it.each(otherRoutes.router)('%s answers no cookie, no API key and no one on the public port', async (route) => {
      const [method = '', path = ''] = route.split(' ');
      const internal = new Browser(`http://127.0.0.1:${world.port + 1}`);
      for (const key of [acme.has.key, globex.has.key, nowhere.key]) {
        const answer = await internal.send(method, path, {
          ...(method === 'POST' ? { body: {} } : {}),
          headers: { authorization: `Bearer ${key}` },
        });
        expect(answer.status).toBe(401);
        expect(answer.text).not.toContain(globex.canary);
      }
      const outside = await acme.chat.call(method, path, method === 'POST' ? {} : undefined);
      expect(outside.headers['content-type']).not.toContain(method === 'POST' ? 'html' : 'json');
    });
  });

  describe('sockets', () => {
    const errorOf = async (event: ClientFrameName, data: unknown) => {
      const socket = await LiveSocket.open(acme.chat);
      socket.send(event, data);
      socket.send('ping', { at: 1 });
      await socket.first('pong');
      if (event !== 'stop') await until(() => socket.all('err').length > 0);
      const told = socket.frames.filter(({ event: name }) => name !== 'ready' && name !== 'pong');
      socket.drop();
      return told;
    };
    const same = async (event: ClientFrameName, data: (their: Belongings) => unknown) => {
      const [theirs, unknown] = [await errorOf(event, data(globex.has)), await errorOf(event, data(nowhere))];
      const plain = (told: unknown, their: Belongings) =>
        bare({ status: 0, headers: {}, text: JSON.stringify(told), json: {}, location: null }, their);
      expect(plain(theirs, globex.has)).toEqual(plain(unknown, nowhere));
      return theirs.map((frame) => (frame.event === 'err' ? frame.data.error.code : frame.event));
    };

    const frameCases: Readonly<Record<ClientFrameName, () => Promise<void>>> = {
      hello: async () => {
        for (const topic of ['generation', 'conversation'] as const)
          expect(
            await same('hello', (their) => ({ subs: [{ topic: topicOf[topic](their[topic]), after: 0 }] })),
          ).toEqual(['not_found']);
      },
      sub: async () => {
        for (const topic of ['generation', 'conversation'] as const)
          for (const after of [0, 1, 1_000])
            expect(await same('sub', (their) => ({ topic: topicOf[topic](their[topic]), after }))).toEqual([
              'not_found',
            ]);
      },
      unsub: async () => {
        acme.socket.send('unsub', { topic: topicOf.conversation(globex.has.conversation) });
        acme.socket.send('ping', { at: 7 });
        await acme.socket.first('pong', ({ at }) => at === 7);
        expect(acme.socket.all('err')).toEqual([]);
      },
      send: async () => {
        const test = cases['sendTurn']!;
        for (const index of test.calls(nowhere).keys())
          expect(await same('send', (their) => test.calls(their)[index]?.body)).toEqual(['not_found']);
      },
      stop: async () => {
        world.models.script(globex.has.model, { words: Array.from({ length: 40 }, () => 'w '), wordMs: 20 });
        const { generationId } = await globex.socket.say('Not to be stopped');
        expect(
          await same('stop', (their) => ({ generationId: their === globex.has ? generationId : their.generation })),
        ).toEqual([]);
        await until(async () => {
          const { text } = await globex.chat.get('/api/conversations?search=Not+to+be');
          return text.includes('"running":false');
        });
        expect(world.models.lastCall.wordsSent).toBe(40);
      },
      ping: async () => {
        acme.socket.send('ping', { at: 9 });
        expect(await acme.socket.first('pong', ({ at }) => at === 9)).toEqual({ at: 9 });
      },
    };

    it('have a case for each frame', () => {
      expect(Object.keys(frameCases).sort()).toEqual(Object.keys(clientFrames).sort());
    });

    it.each(Object.entries(frameCases))('%s reaches nothing of another', async (_name, test) => {
      await test();
    });

    const topicCases: Readonly<Record<keyof typeof topicOf, () => Promise<unknown>>> = {
      generation: frameCases.sub,
      conversation: frameCases.sub,
      person: async () => {
        acme.socket.send('sub', { topic: 'person', after: 0 });
        globex.socket.send('sub', { topic: 'person', after: 0 });
        await globex.chat.call('PATCH', `/api/conversations/${globex.has.conversation}`, { pinned: true });
        await globex.socket.first('ev', ({ topic }) => topic === 'person');
        acme.socket.send('ping', { at: 11 });
        await acme.socket.first('pong', ({ at }) => at === 11);
        expect(acme.socket.all('ev')).toEqual([]);
        for (const topic of [`person:${globex.has.person}`, `person:${nowhere.person}`])
          expect(await errorOf('sub', { topic, after: 0 })).toMatchObject([
            { event: 'err', data: { error: { code: 'bad_request' } } },
          ]);
      },
      stop: async () => {
        expect(await same('sub', (their) => ({ topic: topicOf.stop(their.generation), after: 0 }))).toEqual([
          'bad_request',
        ]);
      },
    };

    it.each(Object.entries(topicCases))('the topic %s tells nothing of another', async (_name, test) => {
      await test();
    });

    it.each([
      [
        'a session at another’s address',
        () => ({ host: `${globex.has.host}:${world.port}`, origin: globex.chat.origin }),
        401,
      ],
      ['a page of another', () => ({ origin: globex.chat.origin }), 403],
      ['a page of nowhere', () => ({ origin: 'null' }), 403],
      [
        'an address of nowhere',
        () => ({ host: `nobody.localhost:${world.port}`, origin: `http://nobody.localhost:${world.port}` }),
        404,
      ],
      ['the admin pages', () => ({ host: `admin.acme.localhost:${world.port}`, origin: acme.admin.origin }), 404],
    ])('are refused to %s', async (_case, headers, status) => {
      const socket = await LiveSocket.open(acme.chat, headers());

      expect(socket.refused).toBe(status);
    });

    it('never showed anything of another', () => {
      expect(JSON.stringify(acme.socket.frames)).not.toContain(globex.canary);
    });
  });

  describe('jobs', () => {
    /** Every row of an organisation, as one text. */
    const rowsOf = async ({ schema }: Tenant) => {
      const client = new pg.Client({ connectionString: world.databaseUrl });
      await client.connect();
      const { rows } = await client.query<{ text: string }>('select schema_to_xml($1, true, true, $2)::text as text', [
        schema,
        '',
      ]);
      await client.end();
      return rows[0]?.text ?? '';
    };

    it.each(jobNames.map((name) => [name]))('%s of one leaves every row of the other', async (name: JobName) => {
      const { foundation } = world.platform;
      for (const { tenant } of [acme, globex]) await foundation.jobs.cancel(tenant.id);
      const clock = new ShiftedClock();
      clock.shiftMs = 90 * 24 * 60 * 60_000;
      const later = { ...foundation, clock, metrics: new Registry(), onClose: () => undefined };
      const laterIdentity = composeIdentity(later);
      const handler = jobHandlers({
        house: new KeepHouse(foundation.sessions, foundation.bus, clock, randomUUID()),
        rollUp: composeGovernance(later, { list: () => Promise.resolve([]) }, laterIdentity).rollUpUsage,
        expireSignIns: laterIdentity.expireSignIns,
        recheckSignIns: laterIdentity.recheckSignIns,
      }).get(name);
      const before = await rowsOf(globex.tenant);

      await handler?.(acme.tenant.id);

      expect(handler).toBeDefined();
      expect(before).toContain(globex.canary);
      expect(await rowsOf(globex.tenant)).toBe(before);
    });
  });

  it('has left everything of the other as it was', async () => {
    const detail = await globex.chat.get(`/api/conversations/${globex.has.conversation}`);

    expect(detail.text).toContain(`with ${globex.canary}`);
    expect(detail.text).not.toContain('Taken over');
    expect((await globex.admin.get('/api/settings')).text).not.toContain('Taken over');
    expect((await globex.admin.get('/api/me')).json).toMatchObject({ role: 'owner' });
  });
});
