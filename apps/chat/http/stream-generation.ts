import type { FastifyReply } from 'fastify';
import type { Delivery, FollowTopic } from '#libs/chat/app/follow-topic.js';
import { TurnEvent } from '#libs/contracts/chat-events.js';
import { type AppError, asAppError } from '#libs/kernel/errors.js';
import type { SignedInCaller } from '#libs/platform/nest/caller.js';
import { toErrorView } from '#libs/platform/nest/error-view.js';

/** Proxies cut a silent stream after a minute. */
const pulseMs = 15_000;

interface Stream {
  readonly following: FollowTopic;
  readonly caller: SignedInCaller;
  readonly id: string;
  readonly lastEventId: string | undefined;
  readonly reply: FastifyReply;
}

/** `epoch.seq` of the last event a reader has, as our own ids say it. */
function placeOf(lastEventId: string | undefined): { epoch?: number; after: number } {
  const match = /^(\d{1,9})\.(\d{1,9})$/.exec(lastEventId ?? '');
  return match === null ? { after: 0 } : { epoch: Number(match[1]), after: Number(match[2]) };
}

function isEnd(delivery: Delivery): boolean {
  if (delivery.kind === 'refused') return true;
  if (delivery.kind === 'snapshot') return 'status' in delivery.state && delivery.state.status !== 'running';
  return delivery.events.some((event) => {
    const parsed = TurnEvent.safeParse(event);
    return parsed.success && (parsed.data.kind === 'turn-end' || parsed.data.kind === 'turn-error');
  });
}

/** The reply as a stream of events, begun with the first of them. */
class EventStream {
  private begun = false;

  constructor(
    private readonly reply: FastifyReply,
    private readonly requestId: string,
  ) {}

  write(event: string, eventId: string | null, data: unknown): void {
    this.begin();
    this.reply.raw.write(
      `event: ${event}\n${eventId === null ? '' : `id: ${eventId}\n`}data: ${JSON.stringify(data)}\n\n`,
    );
  }

  /** @returns whether the answer is an error of its own, since nothing was sent yet */
  refuse(error: AppError): boolean {
    if (!this.begun) return true;
    this.write('err', null, toErrorView(error, this.requestId));
    return false;
  }

  pulse(): void {
    this.begin();
    this.reply.raw.write(': pulse\n\n');
  }

  end(): void {
    this.begin();
    this.reply.raw.end();
  }

  private begin(): void {
    if (this.begun) return;
    this.begun = true;
    this.reply.hijack();
    this.reply.raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-request-id': this.requestId,
    });
  }
}

/**
 * The events of one answer as SSE, until it ends or the reader goes. Each id is `epoch.seq`, to resume from.
 * @throws {AppError} not_found
 */
export async function streamGeneration({ following, caller, id, lastEventId, reply }: Stream): Promise<void> {
  const stream = new EventStream(reply, caller.requestId);
  let unfollow: () => void = () => undefined;
  let finish: (refusal: AppError | null) => void = () => undefined;
  const ended = new Promise<AppError | null>((resolve) => (finish = resolve));
  reply.raw.once('close', () => finish(null));
  const pulse = setInterval(() => stream.pulse(), pulseMs);
  const deliver = (delivery: Delivery) => {
    if (delivery.kind === 'events') stream.write('ev', `${delivery.epoch}.${delivery.to}`, delivery);
    else if (delivery.kind === 'snapshot') stream.write('snap', `${delivery.epoch}.${delivery.seq}`, delivery);
    else return finish(stream.refuse(delivery.error) ? delivery.error : null);
    if (isEnd(delivery)) finish(null);
  };
  const subscription = { topic: `generation:${id}`, ...placeOf(lastEventId) };
  try {
    unfollow = await following.follow({
      tenant: caller.tenant.id,
      person: caller.session.personId,
      subscription,
      deliver,
    });
    const refusal = await ended;
    if (refusal !== null) throw refusal;
    stream.end();
  } catch (error) {
    if (stream.refuse(asAppError(error))) throw error;
    stream.end();
  } finally {
    clearInterval(pulse);
    unfollow();
  }
}
