import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser, type Answer } from '#test/support/browser.js';
import { tokenOf } from '#test/support/faces.js';
import { LiveSocket } from '#test/support/live-socket.js';
import { password, startTwoOrganisations, type TwoOrganisations } from '#test/support/two-organisations.js';
import { until } from '#test/support/until.js';

/** Somebody with a session, a socket and an API key of their own. */
interface Actor {
  readonly name: string;
  readonly chat: Browser;
  readonly socket: LiveSocket;
  readonly key: string;
  readonly model: string;
}

interface Thing {
  readonly owner: string;
  readonly conversation: string;
  readonly generation: string;
  readonly answer: string;
}

describe('one person reaches the same things by every way in', () => {
  let both: TwoOrganisations;
  const actors: Actor[] = [];
  const things: Thing[] = [];

  beforeAll(async () => {
    both = await startTwoOrganisations();
    const { acme, globex } = both;
    for (const { chat, socket, has } of [acme, globex]) {
      actors.push({ name: has.host, chat, socket, key: has.key, model: has.model });
      things.push({ owner: has.host, ...has });
    }
    await addMember();
  });
  afterAll(() => both.close());

  /** A second person in acme, with a conversation and a key of their own. */
  const addMember = async (): Promise<void> => {
    const { acme } = both;
    const { json } = await acme.admin.call('POST', '/api/invitations', { email: 'ben@same.example', role: 'admin' });
    const chat = new Browser(acme.chat.origin);
    const token = tokenOf(String((json['link'] as { url: string } | undefined)?.url ?? json['url']));
    expect((await chat.call('POST', '/api/links/use', { token, name: 'Ben', password })).status).toBe(200);
    const admin = new Browser(acme.admin.origin);
    const handover = await chat.call('POST', '/api/admin-handover');
    await admin.call('POST', '/api/handover', { token: tokenOf(String(handover.json['url'])) });
    const key = await admin.call('POST', '/api/keys', { name: 'Ben’s' });
    const socket = await LiveSocket.open(chat);
    const said = await socket.say('Hello');
    await until(async () =>
      (await chat.get(`/api/conversations/${said.conversation.id}`)).text.includes('"status":"complete"'),
    );
    actors.push({ name: 'ben', chat, socket, key: String(key.json['secret']), model: acme.has.model });
    things.push({
      owner: 'ben',
      conversation: said.conversation.id,
      generation: said.generationId,
      answer: said.answer.id,
    });
  };

  const bySocket = async ({ socket }: Actor, topic: string): Promise<boolean> => {
    socket.send('sub', { topic, after: 0 });
    const mine = () =>
      socket.frames.find(
        ({ event, data }) => ['snap', 'ev', 'err'].includes(event) && 'topic' in data && data.topic === topic,
      );
    return (await until(mine)).event !== 'err';
  };
  const turn = (intent: object) => ({ clientId: randomUUID(), intent });
  const isThere = ({ status }: Answer) => status < 300;
  const errorOf = async ({ socket }: Actor, intent: object): Promise<boolean> => {
    const clientId = randomUUID();
    socket.send('send', { clientId, intent });
    const answer = await until(() =>
      socket.frames.find(
        ({ event, data }) => ['ack', 'err'].includes(event) && 'clientId' in data && data.clientId === clientId,
      ),
    );
    return answer.event === 'ack';
  };
  const modelsOf = (answer: Answer): readonly string[] =>
    ((answer.json['data'] ?? answer.json['models'] ?? []) as { id: string }[]).map(({ id }) => id).sort();
  const byKey = (key: string, path: string, body?: object) =>
    new Browser(`http://127.0.0.1:${both.port}`).send(body === undefined ? 'GET' : 'POST', path, {
      headers: { authorization: `Bearer ${key}` },
      ...(body === undefined ? {} : { body }),
    });

  it('to read: a conversation by HTTP is one by socket, and nobody else’s', async () => {
    const seen = [];
    for (const actor of actors)
      for (const { owner, conversation, generation } of things) {
        const http = isThere(await actor.chat.get(`/api/conversations/${conversation}`));
        const topic = await bySocket(actor, `conversation:${conversation}`);
        const stream = await bySocket(actor, `generation:${generation}`);
        seen.push([actor.name, owner, http, topic, stream]);
      }

    expect(seen).toEqual(
      actors.flatMap(({ name }) =>
        things.map(({ owner }) => [name, owner, owner === name, owner === name, owner === name]),
      ),
    );
  });

  it('to write: what a turn by HTTP may touch, one by socket may, and nothing else', async () => {
    const seen = [];
    for (const actor of actors)
      for (const { owner, answer } of things) {
        const intent = { kind: 'regenerate', messageId: answer };
        const http = isThere(await actor.chat.call('POST', '/api/turns', turn(intent)));
        const socket = await errorOf(actor, intent);
        seen.push([actor.name, owner, http, socket]);
      }

    expect(seen).toEqual(
      actors.flatMap(({ name }) => things.map(({ owner }) => [name, owner, owner === name, owner === name])),
    );
  });

  it('to ask: the models of the chat are the models of the key', async () => {
    for (const { chat, key, model } of actors) {
      const inChat = modelsOf(await chat.get('/api/models'));
      const byApi = modelsOf(await byKey(key, '/v1/models'));

      expect(byApi).toEqual(inChat);
      expect(inChat).toContain(model);
    }
  });

  it('to ask: a model the chat does not have is none for the key, either', async () => {
    const [mine, theirs] = [actors[0], actors[1]];
    if (mine === undefined || theirs === undefined) throw new Error('there are no actors');
    const foreign = theirs.model;
    const messages = [{ role: 'user', content: 'x' }];
    const intent = { kind: 'say', conversationId: null, parentId: null, text: 'x' };

    const api = await byKey(mine.key, '/v1/chat/completions', { model: foreign, messages });
    const chat = await mine.chat.call('POST', '/api/turns', { ...turn(intent), model: foreign });
    expect([api.status, chat.status]).toEqual([404, 404]);
  });

  it('and none of them once the person is gone', async () => {
    const ben = actors.find(({ name }) => name === 'ben');
    if (ben === undefined) throw new Error('there is no Ben');
    const people = await both.acme.admin.get('/api/people?search=ben');
    const [{ id }] = people.json['items'] as [{ id: string }];
    expect((await both.acme.admin.call('PATCH', `/api/people/${id}`, { state: 'disabled' })).status).toBe(200);

    await until(async () => (await ben.chat.get('/api/models')).status === 401, 5_000);
    await until(async () => (await byKey(ben.key, '/v1/models')).status === 401, 5_000);
    await until(() => ben.socket.closeCode !== null, 5_000);
  });
});
