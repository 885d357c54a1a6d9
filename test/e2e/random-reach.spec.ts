import { randomInt, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser } from '#test/support/browser.js';
import { tokenOf } from '#test/support/faces.js';
import { LiveSocket } from '#test/support/live-socket.js';
import {
  type Organisation,
  password,
  startTwoOrganisations,
  type TwoOrganisations,
} from '#test/support/two-organisations.js';
import { until } from '#test/support/until.js';

/** People who are made, and things that happen to them; every run makes others. */
const crowd = 10;
const events = 14;

/** What a role may be given, and what nobody is given a right to change of. */
const changeable = ['person', 'key', 'settings', 'invitation'];
const rightsOnOffer = [...changeable, 'usage', 'audit'];

/** Somebody with whatever random has given them, and what should be true of them. */
interface Somebody {
  readonly id: string;
  readonly at: Organisation;
  readonly chat: Browser;
  readonly socket: LiveSocket;
  readonly conversation: string;
  readonly generation: string;
  readonly key: string;
  readonly keyId: string;
  /** What a model without any of the product's code says of them. */
  readonly expected: { session: boolean; key: boolean };
}

type Happening = (who: Somebody) => Promise<void>;

describe('random people reach, by page, socket and key, what a plain model of their rights says', () => {
  let both: TwoOrganisations;
  const people: Somebody[] = [];
  const told: string[] = [];

  beforeAll(async () => {
    both = await startTwoOrganisations();
    for (let n = 0; n < crowd; n += 1) people.push(await somebody(n % 2 === 0 ? both.acme : both.globex, n));
  });
  afterAll(() => both.close());

  const pick = <One>(list: readonly One[]): One => {
    const one = list[randomInt(list.length)];
    if (one === undefined) throw new Error('nothing to pick from');
    return one;
  };

  /** One of the roles that every organisation has, or one made for the moment. */
  const someRole = async ({ admin }: Organisation): Promise<string> => {
    if (randomInt(3) > 0) return pick(['member', 'auditor', 'billing', 'admin']);
    const rights = rightsOnOffer
      .filter(() => randomInt(2) === 0)
      .map((subject) => ({
        subject,
        actions: changeable.includes(subject) && randomInt(2) === 0 ? ['read', 'change'] : ['read'],
      }));
    const { status, json, text } = await admin.call('POST', '/api/roles', { name: randomUUID(), rights });
    if (status >= 300) throw new Error(text);
    return `role:${String(json['id'])}`;
  };

  const somebody = async (at: Organisation, n: number): Promise<Somebody> => {
    const role = await someRole(at);
    const invited = await at.admin.call('POST', '/api/invitations', { email: `p${n}@same.example`, role });
    const chat = new Browser(at.chat.origin);
    const token = tokenOf(String((invited.json['link'] as { url: string } | undefined)?.url ?? invited.json['url']));
    const used = await chat.call('POST', '/api/links/use', { token, name: `P${n}`, password });
    const id = String((used.json['me'] as { userId: string }).userId);
    // A key is of whoever makes it: everybody makes one while they are an admin, and then gets their role.
    await at.admin.call('PATCH', `/api/people/${id}`, { role: 'admin' });
    const admin = new Browser(at.admin.origin);
    const handover = await chat.call('POST', '/api/admin-handover');
    await admin.call('POST', '/api/handover', { token: tokenOf(String(handover.json['url'])) });
    const key = await admin.call('POST', '/api/keys', { name: `K${n}` });
    await at.admin.call('PATCH', `/api/people/${id}`, { role });
    const socket = await LiveSocket.open(chat);
    const said = await socket.say(`Hello of ${n}`);
    const conversation = said.conversation.id;
    await until(async () =>
      (await chat.get(`/api/conversations/${conversation}`)).text.includes('"status":"complete"'),
    );
    told.push(`p${n} at ${at.has.host} is ${role}`);
    return {
      id,
      at,
      chat,
      socket,
      conversation,
      generation: said.generationId,
      key: String(key.json['secret']),
      keyId: String((key.json['key'] as { id: string }).id),
      expected: { session: true, key: true },
    };
  };

  const happenings: Readonly<Record<string, Happening>> = {
    'is disabled': async ({ id, at, expected }) => {
      await at.admin.call('PATCH', `/api/people/${id}`, { state: 'disabled' });
      Object.assign(expected, { session: false, key: false });
    },
    'is signed out': async ({ id, at, expected }) => {
      await at.admin.call('POST', `/api/people/${id}/sign-out`);
      expected.session = false;
    },
    'loses the key': async ({ keyId, at, expected }) => {
      await at.admin.call('DELETE', `/api/keys/${keyId}`);
      expected.key = false;
    },
    'gets another role': async ({ id, at }) => {
      await at.admin.call('PATCH', `/api/people/${id}`, { role: await someRole(at) });
    },
  };

  const bySocket = async ({ socket }: Somebody, topic: string): Promise<boolean> => {
    socket.send('sub', { topic, after: 0 });
    const answer = await until(() =>
      socket.frames.find(
        ({ event, data }) => ['snap', 'ev', 'err'].includes(event) && 'topic' in data && data.topic === topic,
      ),
    );
    return answer.event !== 'err';
  };
  /** A socket that was closed, as for another role, may come back while the session stands, and not after it. */
  const isOpen = async ({ socket, chat }: Somebody): Promise<boolean> => {
    if (socket.closeCode === null) return true;
    const again = await LiveSocket.open(chat);
    const isIn = again.refused === null && again.closeCode === null;
    again.drop();
    return isIn;
  };
  const byKey = async ({ key }: Somebody): Promise<boolean> => {
    const headers = { authorization: `Bearer ${key}` };
    return (await new Browser(`http://127.0.0.1:${both.port}`).get('/v1/models', headers)).status === 200;
  };

  it('each their own conversations and nobody else’s, whatever their role', async () => {
    const wrong: string[] = [];
    for (const one of people)
      for (const other of people) {
        const http = (await one.chat.get(`/api/conversations/${other.conversation}`)).status === 200;
        const topic = await bySocket(one, `conversation:${other.conversation}`);
        const stream = await bySocket(one, `generation:${other.generation}`);
        const should = one === other;
        if (http !== should || topic !== should || stream !== should)
          wrong.push(`${one.id} of ${other.id}: page ${http}, topic ${topic}, stream ${stream}`);
      }

    expect({ wrong, told: wrong.length > 0 ? told : [] }).toEqual({ wrong: [], told: [] });
  });

  it('and within five seconds nothing more than what is left to them, after whatever happens', async () => {
    for (let n = 0; n < events; n += 1) {
      const who = pick(people);
      const what = pick(Object.keys(happenings));
      told.push(`${who.id} ${what}`);
      await happenings[what]?.(who);
    }
    const states = () =>
      Promise.all(
        people.map(async (one) => ({
          id: one.id,
          page: (await one.chat.get('/api/me')).status === 200,
          socket: await isOpen(one),
          key: await byKey(one),
        })),
      );
    const wanted = people.map(({ id, expected: { session, key } }) => ({ id, page: session, socket: session, key }));
    const settled = async () => JSON.stringify(await states()) === JSON.stringify(wanted);

    await until(settled, 5_000).catch(() => undefined);

    const found = await states();
    expect({ found, told }).toEqual({ found: wanted, told });
  });
});
