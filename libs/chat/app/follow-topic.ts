import type { Subscription } from '#libs/contracts/chat-events.js';
import { AppError, asAppError } from '#libs/kernel/errors.js';
import { conversationId, generationId, isId, type TenantId, type UserId } from '#libs/kernel/ids.js';
import type { Bus } from '#libs/tenancy/ports/bus.js';
import type { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';
import { advance, emptyTurn, type TurnEvent, type TurnState } from '../domain/turn.js';
import type { ChatStores } from '../ports/chat-stores.js';
import { type Announcement, topicOf } from './announce.js';

/** What a follower is told, in the wire's terms. */
export type Delivery =
  | {
      readonly kind: 'events';
      readonly epoch: number;
      readonly from: number;
      readonly to: number;
      readonly events: readonly unknown[];
    }
  | {
      readonly kind: 'snapshot';
      readonly epoch: number;
      readonly seq: number;
      readonly state: TurnState | { readonly reload: true };
    }
  | { readonly kind: 'refused'; readonly error: AppError };

interface FollowParts {
  readonly sessions: TenantSessions<ChatStores>;
  readonly bus: Bus;
}

interface Follower {
  readonly tenant: TenantId;
  readonly person: UserId;
  readonly subscription: Subscription;
  readonly deliver: (delivery: Delivery) => void;
}

/** What the log says of a topic: where it stands, or that it is not there for this person. */
type Reading =
  | {
      readonly kind: 'range';
      readonly epoch: number;
      readonly from: number;
      readonly to: number;
      readonly events: readonly unknown[];
    }
  | {
      readonly kind: 'snapshot';
      readonly epoch: number;
      readonly seq: number;
      readonly state: TurnState | { readonly reload: true };
    }
  | { readonly kind: 'unknown' };

/** A gap is looked up in the log this much later, when the writer's next rows are there. */
const repairMs = 120;
/** The bus may have lost the very last message, behind which no gap shows: a running answer that is silent this long is looked up. */
const silenceMs = 3_000;

/**
 * Follows one topic for one reader: what the log has, then what the bus brings. The bus may lose, double or
 * reorder messages; numbers tell, and a gap is repaired from the log.
 */
export class FollowTopic {
  constructor(private readonly parts: FollowParts) {}

  /** @returns what ends the following */
  async follow(follower: Follower): Promise<() => void> {
    const topic = follower.subscription.topic;
    if (topic === 'person') return this.followPerson(follower);
    const [kind = '', id = ''] = topic.split(':');
    if (!isId(id)) {
      follower.deliver({ kind: 'refused', error: unknownTopic() });
      return () => undefined;
    }
    const read = kind === 'generation' ? this.generationReader(follower, id) : this.conversationReader(follower, id);
    const reader = new NumberedReader(follower, read, kind === 'generation');
    // Listening before the first look, so that nothing falls between the two.
    const unsubscribe = await this.parts.bus.subscribe(follower.tenant, topic, (message) =>
      reader.hear(message as Announcement),
    );
    await reader.begin();
    return () => {
      reader.close();
      unsubscribe();
    };
  }

  private followPerson(follower: Follower): Promise<() => void> {
    let seq = 0;
    return this.parts.bus.subscribe(follower.tenant, topicOf.person(follower.person), (message) => {
      const { events } = message as Announcement;
      follower.deliver({ kind: 'events', epoch: 0, from: seq, to: seq + events.length, events });
      seq += events.length;
    });
  }

  private generationReader(follower: Follower, id: string): (epoch: number | null, after: number) => Promise<Reading> {
    return (epoch, after) =>
      this.parts.sessions.run(follower.tenant, async ({ generations }): Promise<Reading> => {
        const generation = await generations.find(follower.person, generationId(id));
        if (generation === null) return { kind: 'unknown' };
        const sameLog = epoch === null ? after === 0 : epoch === generation.epoch;
        const ranges = await generations.eventsFrom(generation.id, generation.epoch, sameLog ? after : 0);
        const from = ranges[0]?.from ?? 0;
        const to = ranges.at(-1)?.to ?? (sameLog ? after : 0);
        const ended = generation.status !== 'running';
        // The events are gone, or belong to another life of the writer: the state as it was written at the end.
        if (ended && (generation.epoch > 0 || (ranges.length === 0 && after < generation.seq) || !sameLog)) {
          const state = await generations.endState(generation.id);
          return state === null
            ? { kind: 'unknown' }
            : { kind: 'snapshot', epoch: generation.epoch, seq: generation.seq, state };
        }
        const events = ranges.flatMap((range) => range.events);
        if (sameLog && after > 0) return { kind: 'range', epoch: generation.epoch, from, to, events };
        const state = events.reduce<TurnState>(
          (current, event) => advance(current, event as TurnEvent),
          emptyTurn(generation.model),
        );
        return { kind: 'snapshot', epoch: generation.epoch, seq: to, state };
      });
  }

  private conversationReader(
    follower: Follower,
    id: string,
  ): (epoch: number | null, after: number) => Promise<Reading> {
    return (_epoch, after) =>
      this.parts.sessions.run(follower.tenant, async ({ conversations }): Promise<Reading> => {
        const conversation = await conversations.find(follower.person, conversationId(id));
        if (conversation === null) return { kind: 'unknown' };
        if (after === conversation.eventSeq) return { kind: 'range', epoch: 0, from: after, to: after, events: [] };
        const events = after > conversation.eventSeq ? null : await conversations.eventsAfter(conversation.id, after);
        if (events === null) return { kind: 'snapshot', epoch: 0, seq: conversation.eventSeq, state: { reload: true } };
        return { kind: 'range', epoch: 0, from: after, to: after + events.length, events };
      });
  }
}

function unknownTopic(): AppError {
  return new AppError('not_found', 'This answer or conversation is not there.');
}

/** Keeps one reader's place in a numbered log. */
class NumberedReader {
  private epoch: number | null;
  private known: number;
  private started = false;
  private looking = false;
  private closed = false;
  private heard: Announcement[] = [];
  private repair: NodeJS.Timeout | undefined;
  private silence: NodeJS.Timeout | undefined;
  private ended = false;
  /** Nothing was heard since the last look at the clock. */
  private quiet = true;

  constructor(
    private readonly follower: Follower,
    private readonly read: (epoch: number | null, after: number) => Promise<Reading>,
    private readonly ends: boolean,
  ) {
    this.epoch = follower.subscription.epoch ?? null;
    this.known = follower.subscription.after;
  }

  async begin(): Promise<void> {
    await this.look();
    this.started = true;
    this.replay();
    this.expectMore();
  }

  /** Of a topic that ends: looks again when nothing was heard for a while. */
  private expectMore(): void {
    clearTimeout(this.silence);
    if (!this.ends || this.closed || this.ended) return;
    this.quiet = true;
    this.silence = setTimeout(() => {
      if (this.quiet) void this.mend();
      else this.expectMore();
    }, silenceMs);
  }

  hear(message: Announcement): void {
    if (this.closed) return;
    if (!this.started || this.looking) {
      this.heard.push(message);
      return;
    }
    if (this.epoch !== null && message.epoch < this.epoch) return;
    if (message.epoch === this.epoch && message.to <= this.known) return;
    if (message.epoch !== this.epoch || message.from > this.known) {
      this.repair ??= setTimeout(() => void this.mend(), repairMs);
      return;
    }
    // Usually whole: then all readers of the topic are handed the very same array.
    if (message.from === this.known) return this.send(message);
    const events = message.events.slice(this.known - message.from);
    this.send({ epoch: message.epoch, from: this.known, to: message.to, events });
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.repair);
    clearTimeout(this.silence);
  }

  private replay(): void {
    const heard = this.heard;
    this.heard = [];
    for (const message of heard) this.hear(message);
  }

  private async mend(): Promise<void> {
    this.repair = undefined;
    await this.look();
    this.replay();
    this.expectMore();
  }

  private async look(): Promise<void> {
    if (this.closed) return;
    this.looking = true;
    try {
      const reading = await this.read(this.epoch, this.known);
      if (!this.closed) this.take(reading);
    } catch (error) {
      if (!this.closed) this.follower.deliver({ kind: 'refused', error: asAppError(error) });
    } finally {
      this.looking = false;
    }
  }

  private take(reading: Reading): void {
    if (reading.kind === 'unknown') {
      this.follower.deliver({ kind: 'refused', error: unknownTopic() });
      this.close();
      return;
    }
    if (reading.kind === 'snapshot') {
      this.epoch = reading.epoch;
      this.known = reading.seq;
      this.ended = 'status' in reading.state && reading.state.status !== 'running';
      this.follower.deliver(reading);
      return;
    }
    this.epoch = reading.epoch;
    if (reading.to <= this.known) return;
    this.send({
      epoch: reading.epoch,
      from: this.known,
      to: reading.to,
      events: reading.events.slice(Math.max(0, this.known - reading.from)),
    });
  }

  private send(range: Announcement): void {
    this.known = range.to;
    this.ended ||= this.ends && range.events.some(isEnd);
    this.quiet = false;
    this.follower.deliver({ kind: 'events', epoch: range.epoch, from: range.from, to: range.to, events: range.events });
  }
}

function isEnd(event: unknown): boolean {
  const { kind } = event as TurnEvent;
  return kind === 'turn-end' || kind === 'turn-error';
}
