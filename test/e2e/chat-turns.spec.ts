import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Conversations } from '#libs/chat/app/conversations.js';
import { type Delivery, FollowTopic } from '#libs/chat/app/follow-topic.js';
import { KeepHouse } from '#libs/chat/app/keep-house.js';
import { SendTurn } from '#libs/chat/app/send-turn.js';
import { StopGeneration } from '#libs/chat/app/stop-generation.js';
import { Turns } from '#libs/chat/app/turns.js';
import { advance, emptyTurn, type TurnEvent, type TurnState } from '#libs/chat/domain/turn.js';
import type { SendReceipt, SendRequest } from '#libs/contracts/chat-events.js';
import { Clock, SystemClock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import { conversationId, generationId, messageId, RandomIds, type UserId, userId } from '#libs/kernel/ids.js';
import { InProcessBus } from '#libs/messaging/in-process-bus.js';
import { CachedTenantProfiles } from '#libs/tenancy/app/cached-tenant-profiles.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Bus } from '#libs/tenancy/ports/bus.js';
import { FaultyBus } from '#test/fakes/faulty-bus.js';
import { SilentChatTelemetry } from '#test/fakes/silent-telemetry.js';
import { ScriptedCompletions } from '#test/fakes/scripted-completions.js';
import { addPerson } from '#test/support/add-person.js';
import { openTestDatabase, type TestDatabase } from '#test/support/test-database.js';
import { until } from '#test/support/until.js';

const ids = new RandomIds();

/** One process of the chat: its own boot, on a shared database and bus. */
function chatProcess(
  database: TestDatabase,
  bus: Bus,
  completions: ScriptedCompletions,
  bootId: string = randomUUID(),
  clock: Clock = new SystemClock(),
) {
  const { sessions } = database;
  const profiles = new CachedTenantProfiles(sessions, bus, () => Date.now());
  const errors: string[] = [];
  const turns = new Turns({
    sessions,
    profiles,
    completions,
    bus,
    clock,
    telemetry: new SilentChatTelemetry(),
    onError: (message, error) => errors.push(`${message}: ${String(error)}`),
  });
  return {
    turns,
    errors,
    send: new SendTurn({ sessions, profiles, completions, turns, bus, clock, ids, bootId }),
    stop: new StopGeneration(sessions, bus, clock),
    follow: new FollowTopic({ sessions, bus }),
    conversations: new Conversations(sessions, bus, clock),
    house: new KeepHouse(sessions, bus, clock, bootId),
  };
}
type Process = ReturnType<typeof chatProcess>;

/** A reader that applies what it is told, and says when a rule was broken. */
class Reader {
  state: TurnState = emptyTurn('');
  known = 0;
  epoch = 0;
  refused: AppError | null = null;
  readonly take = (delivery: Delivery): void => {
    if (delivery.kind === 'refused') {
      this.refused = delivery.error;
      return;
    }
    if (delivery.kind === 'snapshot') {
      this.state = delivery.state as TurnState;
      this.known = delivery.seq;
      this.epoch = delivery.epoch;
      return;
    }
    if (delivery.from !== this.known || delivery.events.length !== delivery.to - delivery.from)
      throw new Error(`a gap: knew ${this.known}, got ${delivery.from}`);
    this.state = (delivery.events as TurnEvent[]).reduce(advance, this.state);
    this.known = delivery.to;
  };
}

describe('turns', () => {
  let database: TestDatabase;
  let acme: Tenant;
  let globex: Tenant;
  let ann: UserId;
  let completions: ScriptedCompletions;
  let bus: Bus;
  let chat: Process;

  beforeAll(async () => {
    database = await openTestDatabase();
    [acme, globex] = await Promise.all([database.provision('acme'), database.provision('globex')]);
    ann = await addPerson(database, acme, 'ann@acme.example');
  });
  afterAll(() => database.close());
  beforeEach(() => {
    completions = new ScriptedCompletions();
    completions.script = ScriptedCompletions.words(20, 5);
    bus = new InProcessBus();
    chat = chatProcess(database, bus, completions);
  });

  const say = (text: string, more: Partial<SendRequest> = {}): SendRequest => ({
    clientId: randomUUID(),
    intent: { kind: 'say', conversationId: null, parentId: null, text },
    ...more,
  });
  const leaving: (() => void)[] = [];
  afterEach(() => leaving.splice(0).forEach((leave) => leave()));
  const follow = async (
    reader: Reader,
    id: string,
    after = 0,
    process: Process = chat,
    person: UserId = ann,
    tenant: Tenant = acme,
  ) => {
    const subscription = { topic: `generation:${id}`, after, ...(after > 0 ? { epoch: 0 } : {}) };
    const leave = await process.follow.follow({ tenant: tenant.id, person, subscription, deliver: reader.take });
    leaving.push(leave);
    return leave;
  };
  const full = (words: number) => Array.from({ length: words }, (_, index) => `w${index} `).join('');
  const ended = (process: Process = chat) => until(() => process.turns.count === 0);

  it('writes an answer that every reader sees exactly once, whenever it comes', async () => {
    const receipt = await chat.send.send(acme, ann, say('Hello there'));
    const early = new Reader();
    await follow(early, receipt.generationId);
    await until(() => early.state.text.length > 20);
    const late = new Reader();
    await follow(late, receipt.generationId);
    await ended();
    const after = new Reader();
    await follow(after, receipt.generationId);

    await until(() => early.state.status === 'complete' && late.state.status === 'complete');
    expect([early.state.text, late.state.text, after.state.text]).toEqual([full(20), full(20), full(20)]);
    expect(after.state.status).toBe('complete');
    expect(receipt.conversation.title).toBe('Hello there');
    expect(chat.errors).toEqual([]);
  });

  it('goes on where a reader was when it comes back', async () => {
    completions.script = ScriptedCompletions.words(60, 10);
    const receipt = await chat.send.send(acme, ann, say('Again'));
    const reader = new Reader();
    const leave = await follow(reader, receipt.generationId);
    await until(() => reader.known > 3);
    leave();
    const knownThen = reader.known;
    await until(() => chat.turns.count === 0);
    expect(reader.known).toBe(knownThen);

    await follow(reader, receipt.generationId, reader.known);

    await until(() => reader.state.status === 'complete');
    expect(reader.state.text).toBe(full(60));
  });

  it.each([1, 2, 3])('shows every word once over a bus that loses, doubles and reorders (%i)', async (seed) => {
    let state = seed * 7_919;
    const random = () => ((state = (state * 48_271) % 2_147_483_647) - 1) / 2_147_483_646;
    const faulty = chatProcess(database, new FaultyBus(new InProcessBus(), random), completions);
    completions.script = ScriptedCompletions.words(80, 6);
    const receipt = await faulty.send.send(acme, ann, say('Chaos'));
    const readers = Array.from({ length: 3 }, () => new Reader());
    for (const reader of readers) await follow(reader, receipt.generationId, 0, faulty);

    await ended(faulty);
    await until(() => readers.every((reader) => reader.state.status === 'complete'));
    expect(readers.map((reader) => reader.state.text)).toEqual([full(80), full(80), full(80)]);
  });

  it('answers once for one client id, however often it is sent', async () => {
    const request = say('Once');

    const receipts = await Promise.all(
      [1, 2, 3, 4].map(() => chat.send.send(acme, ann, request).catch((error: unknown) => error)),
    );
    const again = await chat.send.send(acme, ann, request);

    const answers = new Set(
      receipts.filter((one): one is SendReceipt => !(one instanceof Error)).map(({ answer }) => answer.id),
    );
    expect([...answers]).toEqual([again.answer.id]);
    await ended();
    expect(completions.requests).toHaveLength(1);
  });

  it('stops at once when asked, and keeps the text', async () => {
    completions.script = ScriptedCompletions.words(1_000, 10);
    const receipt = await chat.send.send(acme, ann, say('Long'));
    const reader = new Reader();
    await follow(reader, receipt.generationId);
    await until(() => reader.state.text.length > 10);
    const askedAtMs = Date.now();

    await chat.stop.stop(acme.id, ann, generationId(receipt.generationId));

    await until(() => reader.state.status === 'stopped');
    expect(completions.abortedAtMs[0]! - askedAtMs).toBeLessThan(1_000);
    const { messages } = await chat.conversations.detail(acme.id, ann, conversationId(receipt.conversation.id));
    expect(messages.at(-1)).toMatchObject({ text: reader.state.text, answer: { status: 'stopped' } });
  });

  it('keeps what a dead writer had logged, and lets the person go on in place', async () => {
    completions.script = ScriptedCompletions.words(1_000, 10);
    const receipt = await chat.send.send(acme, ann, say('Doomed'));
    const reader = new Reader();
    await follow(reader, receipt.generationId);
    // Rows are written each 200 ms; at 10 ms a word this much has passed at least one of them.
    await until(() => reader.state.text.length > 200);
    const next = chatProcess(database, new InProcessBus(), completions);

    // The writer of this test is alive and may hold its row for a moment.
    await until(async () => (await next.house.reap(acme.id, true)) === 1);

    const after = new Reader();
    await follow(after, receipt.generationId, reader.known, next);
    expect(after.state).toMatchObject({ status: 'interrupted', error: { code: 'interrupted' } });
    expect(after.epoch).toBe(1);
    expect(full(1_000).startsWith(after.state.text)).toBe(true);
    expect(after.state.text.length).toBeGreaterThan(30);
    completions.script = [{ text: 'and the rest', afterMs: 0 }];
    const going = await next.send.send(acme, ann, {
      clientId: randomUUID(),
      intent: { kind: 'continue', messageId: receipt.answer.id },
    });
    const reader2 = new Reader();
    await follow(reader2, going.generationId, 0, next);
    await until(() => reader2.state.status === 'complete');
    expect(reader2.state.text).toBe(`${after.state.text}and the rest`);
    expect(reader2.state.notices).toEqual([{ kind: 'continued' }]);
    await chat.turns.interruptAll();
  });

  it('says what failed under the answer, and keeps what was said before', async () => {
    completions.script = [
      { text: 'half ', afterMs: 0 },
      { throws: new AppError('backend_unavailable', 'The model stopped in mid-answer.') },
    ];

    const receipt = await chat.send.send(acme, ann, say('Fail'));
    await ended();

    const { messages } = await chat.conversations.detail(acme.id, ann, conversationId(receipt.conversation.id));
    expect(messages.at(-1)).toMatchObject({
      text: 'half ',
      answer: { status: 'failed', error: { code: 'backend_unavailable', retryable: true } },
    });
  });

  it('branches on edit and regenerate, and sends only the branch to the model', async () => {
    completions.script = [{ text: 'first', afterMs: 0 }];
    const one = await chat.send.send(acme, ann, say('Question'));
    await ended();
    const two = await chat.send.send(acme, ann, {
      clientId: randomUUID(),
      intent: { kind: 'regenerate', messageId: one.answer.id },
    });
    await ended();
    const edited = await chat.send.send(acme, ann, {
      clientId: randomUUID(),
      intent: { kind: 'edit', messageId: one.userMessage!.id, text: 'Better question' },
    });
    await ended();

    expect(two.answer.parentId).toBe(one.userMessage!.id);
    expect(edited.userMessage!.parentId).toBeNull();
    expect(completions.requests.at(-1)!.messages).toEqual([{ role: 'user', content: 'Better question' }]);
    const detail = await chat.conversations.detail(acme.id, ann, conversationId(one.conversation.id));
    expect(detail.messages).toHaveLength(5);
    expect(detail.conversation.activeLeafId).toBe(edited.answer.id);
  });

  it('dates no answer before its question, whatever time passes between', async () => {
    let nowMs = Date.now();
    class PassingClock extends Clock {
      override now(): Date {
        return new Date((nowMs += 5));
      }
    }
    const passing = chatProcess(database, bus, completions, randomUUID(), new PassingClock());
    completions.script = [{ text: 'ok', afterMs: 0 }];

    const first = await passing.send.send(acme, ann, say('One'));
    await ended(passing);
    const { id } = first.conversation;
    const next = { kind: 'say' as const, conversationId: id, parentId: first.answer.id, text: 'Two' };
    await passing.send.send(acme, ann, { clientId: randomUUID(), intent: next });
    await ended(passing);

    const { messages } = await passing.conversations.detail(acme.id, ann, conversationId(id));
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
  });

  it('finds, renames, pins, deletes and restores, page by page', async () => {
    const bob = await addPerson(database, acme, `${randomUUID()}@acme.example`);
    completions.script = [{ text: 'ok', afterMs: 0 }];
    const made: SendReceipt[] = [];
    for (const text of ['apples', 'pears', '100% plums']) made.push(await chat.send.send(acme, bob, say(text)));
    await ended();
    const all = { person: bob, search: null, cursor: null, limit: 2 };
    const [first] = made.map(({ conversation }) => conversationId(conversation.id));

    await chat.conversations.change(acme.id, bob, { id: first!, pinned: true, title: 'Fruit' });
    const page = await chat.conversations.page(acme.id, all);
    const rest = await chat.conversations.page(acme.id, { ...all, cursor: page.nextCursor });
    const found = await chat.conversations.page(acme.id, { ...all, search: '100%' });
    await chat.conversations.remove(acme.id, bob, first!);
    const without = await chat.conversations.page(acme.id, { ...all, limit: 10 });
    const back = await chat.conversations.restore(acme.id, bob, first!);

    expect([...page.items, ...rest.items].map(({ title }) => title)).toEqual(['Fruit', '100% plums', 'pears']);
    expect(rest.nextCursor).toBeNull();
    expect(found.items.map(({ title }) => title)).toEqual(['100% plums']);
    expect(without.items).toHaveLength(2);
    expect(back.title).toBe('Fruit');
  });

  it('shows nothing of another person or tenant, as if it were not there', async () => {
    const bob = await addPerson(database, acme, `${randomUUID()}@acme.example`);
    const eve = await addPerson(database, globex, `${randomUUID()}@globex.example`);
    const receipt = await chat.send.send(acme, ann, say('Private'));
    await ended();
    const id = conversationId(receipt.conversation.id);

    for (const [tenant, person] of [
      [acme, bob],
      [globex, eve],
      [globex, ann],
    ] as const) {
      const reader = new Reader();
      await follow(reader, receipt.generationId, 0, chat, person, tenant);
      expect(reader.refused?.code).toBe('not_found');
      await expect(chat.conversations.detail(tenant.id, person, id)).rejects.toMatchObject({ code: 'not_found' });
      await expect(chat.conversations.remove(tenant.id, person, id)).rejects.toMatchObject({ code: 'not_found' });
      await expect(
        chat.conversations.rate(tenant.id, person, { id: messageId(receipt.answer.id), feedback: null }),
      ).rejects.toMatchObject({ code: 'not_found' });
      await expect(
        chat.send.send(tenant, person, {
          clientId: randomUUID(),
          intent: { kind: 'regenerate', messageId: receipt.answer.id },
        }),
      ).rejects.toMatchObject({ code: 'not_found' });
    }
  });

  it('tells the log of a conversation in order, and asks for a reload where it is gone', async () => {
    completions.script = [{ text: 'ok', afterMs: 0 }];
    const receipt = await chat.send.send(acme, ann, say('Log'));
    await ended();
    const { seq } = await chat.conversations.detail(acme.id, ann, conversationId(receipt.conversation.id));
    const told: Delivery[] = [];
    const topic = `conversation:${receipt.conversation.id}`;

    await chat.follow.follow({
      tenant: acme.id,
      person: ann,
      subscription: { topic, after: 0 },
      deliver: (delivery) => told.push(delivery),
    });
    await chat.follow.follow({
      tenant: acme.id,
      person: ann,
      subscription: { topic, after: seq + 5 },
      deliver: (delivery) => told.push(delivery),
    });

    expect(told[0]).toMatchObject({ kind: 'events', from: 0, to: seq });
    expect(told[1]).toMatchObject({ kind: 'snapshot', seq, state: { reload: true } });
    expect(userId(ann)).toBe(ann);
  });
});
