import type { WebSocket } from 'ws';
import { closeCodes, type ServerFrame, type Subscription } from '#libs/contracts/chat-events.js';
import type { Delivery, FollowTopic } from '#libs/chat/app/follow-topic.js';
import { seenEveryMs } from '#libs/identity/domain/sign-in-session.js';
import type { AppError } from '#libs/kernel/errors.js';
import type { SignedInCaller } from '#libs/platform/nest/caller.js';
import { toErrorView } from '#libs/platform/nest/error-view.js';

/** A reader with this much unsent has stopped reading; it comes back with a snapshot. */
const mostBufferedBytes = 1024 * 1024;
/** Frames a client may send at once, and how many a second come back. A person makes one or two. */
const burstFrames = 60;
const framesPerSecond = 20;
/** Topics of one socket: an open conversation, its running answers, and the person. */
const mostTopics = 64;

type Events = Extract<Delivery, { kind: 'events' }>;

interface WrittenFrame {
  readonly topic: string;
  readonly from: number;
  readonly bytes: Buffer;
}

/** Frames by their events: many readers of one answer get the same bytes, written once. */
const written = new WeakMap<readonly unknown[], WrittenFrame>();

function eventFrame(topic: string, { epoch, from, to, events }: Events): Buffer {
  const known = written.get(events);
  // A person's own topic numbers the same events for each reader anew.
  if (known !== undefined && known.topic === topic && known.from === from) return known.bytes;
  const frame = { event: 'ev', data: { topic, epoch, from, to, events } } as ServerFrame;
  const bytes = Buffer.from(JSON.stringify(frame));
  written.set(events, { topic, from, bytes });
  return bytes;
}

/** One open socket: what it follows, and what it may send. */
export class Connection {
  private readonly following = new Map<string, Promise<() => void>>();
  private tokens = burstFrames;
  private refilledMs = performance.now();
  private usedMs = Number.NEGATIVE_INFINITY;
  /** Whether the last ping was answered. */
  alive = true;

  constructor(
    private readonly socket: WebSocket,
    readonly caller: SignedInCaller,
    private readonly followTopic: FollowTopic,
  ) {}

  send(frame: ServerFrame): void {
    this.sendText(JSON.stringify(frame));
  }

  private sendText(text: string | Buffer): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > mostBufferedBytes) {
      this.socket.close(closeCodes.slowReader, 'reading too slowly');
      return;
    }
    this.socket.send(text, { binary: false });
  }

  refuse(error: AppError, about: { clientId?: string; topic?: string }): void {
    this.send({ event: 'err', data: { ...about, error: toErrorView(error, this.caller.requestId) } });
  }

  /** Whether this frame is within the limit; one past it ends the socket. */
  admits(): boolean {
    const nowMs = performance.now();
    this.tokens = Math.min(burstFrames, this.tokens + ((nowMs - this.refilledMs) / 1_000) * framesPerSecond);
    this.refilledMs = nowMs;
    this.tokens -= 1;
    if (this.tokens >= 0) return true;
    this.socket.close(closeCodes.tooManyFrames, 'too many frames');
    return false;
  }

  /** Whether it is time to remember again that somebody is there: once a minute is enough. */
  isUseNews(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.usedMs < seenEveryMs) return false;
    this.usedMs = nowMs;
    return true;
  }

  async follow(subscription: Subscription): Promise<void> {
    const { topic } = subscription;
    await this.unfollow(topic);
    if (this.following.size >= mostTopics) return this.socket.close(closeCodes.tooManyFrames, 'too many topics');
    const ending = this.followTopic.follow({
      tenant: this.caller.tenant.id,
      person: this.caller.session.personId,
      subscription,
      deliver: (delivery) => this.deliver(topic, delivery),
    });
    this.following.set(topic, ending);
    await ending;
  }

  async unfollow(topic: string): Promise<void> {
    const ending = this.following.get(topic);
    if (ending === undefined) return;
    this.following.delete(topic);
    (await ending)();
  }

  async close(): Promise<void> {
    await Promise.all([...this.following.keys()].map((topic) => this.unfollow(topic)));
  }

  end(code: number, reason: string): void {
    this.socket.close(code, reason);
  }

  /** Asks whether the other side is there; a socket that did not answer the last time is ended. */
  probe(): void {
    if (!this.alive) return this.socket.terminate();
    this.alive = false;
    this.socket.ping();
  }

  private deliver(topic: string, delivery: Delivery): void {
    switch (delivery.kind) {
      case 'events':
        return this.sendText(eventFrame(topic, delivery));
      case 'snapshot':
        return this.send({
          event: 'snap',
          data: { topic, epoch: delivery.epoch, seq: delivery.seq, state: delivery.state },
        } as ServerFrame);
      case 'refused':
        this.following.delete(topic);
        return this.refuse(delivery.error, { topic });
    }
  }
}
