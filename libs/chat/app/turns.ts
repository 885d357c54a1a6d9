import type { Clock } from '#libs/kernel/clock.js';
import { pause } from '#libs/kernel/abort.js';
import { AppError } from '#libs/kernel/errors.js';
import type { GenerationId, MessageId } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Bus } from '#libs/tenancy/ports/bus.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import type { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';
import { type Generation, type Message, pathTo } from '../domain/conversation.js';
import { type PromptMessage, promptOf } from '../domain/prompt.js';
import type { EventRange, TurnState } from '../domain/turn.js';
import type { ChatStores } from '../ports/chat-stores.js';
import type { ChatTelemetry } from '../ports/chat-telemetry.js';
import type { Completions } from '../ports/completions.js';
import { announceConversation, announcePerson, topicOf } from './announce.js';
import { GenerationWriter } from './generation-writer.js';
import { runTurn } from './run-turn.js';
import { toConversationView, toMessageView } from './views.js';

interface TurnsParts {
  readonly sessions: TenantSessions<ChatStores>;
  readonly profiles: TenantProfiles;
  readonly completions: Completions;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly telemetry: ChatTelemetry;
  readonly onError: (message: string, error: unknown) => void;
}

/** Longest a finished answer waits for the database to come back. Its events are in the log up to the last 200 ms. */
const mostEndAttempts = 60;

/** The answers this process is writing. A reader that goes away does not end them; `stop` and the end do. */
export class Turns {
  private readonly running = new Map<GenerationId, { readonly abort: AbortController; readonly done: Promise<void> }>();

  constructor(private readonly parts: TurnsParts) {}

  /** How many answers are being written. */
  get count(): number {
    return this.running.size;
  }

  /** Starts to write an answer that is already recorded; returns at once. */
  start(tenant: Tenant, generation: Generation): void {
    const abort = new AbortController();
    const done = this.write(tenant, generation, abort)
      .catch((error: unknown) => this.parts.onError('an answer could not be written', error))
      .finally(() => this.running.delete(generation.id));
    this.running.set(generation.id, { abort, done });
  }

  /** Lets answers end for up to `limitMs`, then interrupts those that still run; for a shutdown that nobody waits for. */
  async finishAll(limitMs: number): Promise<void> {
    const over = new AbortController();
    const all = Promise.all([...this.running.values()].map(({ done }) => done));
    await Promise.race([all, pause(limitMs, over.signal)]);
    over.abort();
    await this.interruptAll();
  }

  /** Ends all answers, marked as interrupted with what they have; for a shutdown. */
  async interruptAll(): Promise<void> {
    const reason = new AppError('interrupted', 'The server was restarted.');
    const running = [...this.running.values()];
    for (const { abort } of running) abort.abort(reason);
    await Promise.all(running.map(({ done }) => done));
  }

  private async write(tenant: Tenant, generation: Generation, abort: AbortController): Promise<void> {
    const { bus, sessions, completions, clock, telemetry } = this.parts;
    const stop = () => abort.abort();
    let unsubscribe: () => void = () => undefined;
    const trace = telemetry.answerStarted(tenant);
    const writer = new GenerationWriter({
      sessions,
      bus,
      tenant,
      generation,
      onStopRow: stop,
      onLogError: (error) => this.parts.onError('events could not be logged yet', error),
    });
    try {
      unsubscribe = await bus.subscribe(tenant.id, topicOf.stop(generation.id), stop);
      const { messages, unfinished } = await this.promptFor(tenant, generation);
      const { traceparent } = trace;
      const request = { tenant, person: generation.personId, model: generation.model, messages, traceparent };
      for await (const event of runTurn({ completions, clock, request, signal: abort.signal, unfinished }))
        writer.push(event);
    } catch (error) {
      this.parts.onError('an answer could not be started', error);
      writer.push({
        kind: 'turn-error',
        status: 'failed',
        error: { code: 'internal', message: 'The answer could not be started.', action: 'Try again.', retryable: true },
        endedAt: clock.now().toISOString(),
      });
    } finally {
      unsubscribe();
      await this.end(tenant, generation, writer);
      trace.end(writer.state);
    }
  }

  private async promptFor(
    tenant: Tenant,
    generation: Generation,
  ): Promise<{ messages: readonly PromptMessage[]; unfinished: string | null }> {
    const profile = await this.parts.profiles.effective(tenant);
    const all = await this.parts.sessions.run(tenant.id, ({ conversations }) =>
      conversations.messages(generation.conversationId),
    );
    const byId = new Map<MessageId, Message>(all.map((message) => [message.id, message]));
    const answer = byId.get(generation.messageId);
    const unfinished = answer === undefined || answer.text === '' ? null : answer.text;
    return {
      messages: promptOf(profile.models.systemPrompt, pathTo(answer?.parentId ?? null, byId), unfinished),
      unfinished,
    };
  }

  /** Writes the end, trying again while the database is away: the answer is on the screen, so it must not be lost. */
  private async end(tenant: Tenant, generation: Generation, writer: GenerationWriter): Promise<void> {
    const { rest, seq } = await writer.drain();
    for (let attempt = 0; attempt < mostEndAttempts; attempt += 1) {
      try {
        await this.commitEnd(tenant, generation, { rest, seq, state: writer.state });
        return;
      } catch (error) {
        this.parts.onError('the end of an answer could not be written yet', error);
        await pause(500);
      }
    }
  }

  private async commitEnd(
    tenant: Tenant,
    generation: Generation,
    end: { rest: EventRange; seq: number; state: TurnState },
  ): Promise<void> {
    const { sessions, bus, clock } = this.parts;
    const { id, epoch, conversationId, personId, messageId } = generation;
    const written = await sessions.run(tenant.id, async ({ conversations, generations }) => {
      const conversation = await conversations.lock(personId, conversationId);
      if (end.rest.events.length > 0) await generations.appendEvents(id, end.rest);
      const won = await generations.finish(id, { epoch, seq: end.seq, state: end.state });
      if (!won) return null;
      await conversations.setText(messageId, end.state.text);
      const message = await conversations.findMessage(personId, messageId);
      const after = await conversations.find(personId, conversationId);
      // Deleted while it was written: the end is kept for the undo, and nobody is told.
      if (conversation === null || message === null || after === null) return null;
      const events = [
        { kind: 'message-changed' as const, message: toMessageView(message) },
        { kind: 'conversation-changed' as const, conversation: toConversationView(after) },
      ];
      return {
        events,
        seq: await conversations.appendEvents(conversationId, events, clock.now()),
        conversation: toConversationView(after),
      };
    });
    if (end.rest.events.length > 0) bus.publish(tenant.id, topicOf.generation(id), end.rest);
    if (written === null) return;
    announceConversation(bus, tenant.id, { id: conversationId, seq: written.seq, events: written.events });
    announcePerson(bus, tenant.id, personId, { kind: 'conversation-changed', conversation: written.conversation });
  }
}
