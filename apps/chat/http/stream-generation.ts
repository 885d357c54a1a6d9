import type { FastifyReply } from 'fastify';
import type { Delivery, FollowTopic } from '#libs/chat/app/follow-topic.js';
import { TurnEvent } from '#libs/contracts/chat-events.js';
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

/** The events of one answer as SSE, until it ends or the reader goes. Each id is `epoch.seq`, to resume from. */
export async function streamGeneration({ following, caller, id, lastEventId, reply }: Stream): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-request-id': caller.requestId,
  });
  const pulse = setInterval(() => raw.write(': pulse\n\n'), pulseMs);
  const write = (event: string, eventId: string | null, data: unknown) =>
    raw.write(`event: ${event}\n${eventId === null ? '' : `id: ${eventId}\n`}data: ${JSON.stringify(data)}\n\n`);
  const ended = new Promise<void>((resolve) => {
    raw.once('close', resolve);
    const deliver = (delivery: Delivery) => {
      if (delivery.kind === 'events') write('ev', `${delivery.epoch}.${delivery.to}`, delivery);
      else if (delivery.kind === 'snapshot') write('snap', `${delivery.epoch}.${delivery.seq}`, delivery);
      else write('err', null, toErrorView(delivery.error, caller.requestId));
      if (isEnd(delivery)) resolve();
    };
    const subscription = { topic: `generation:${id}`, ...placeOf(lastEventId) };
    following
      .follow({ tenant: caller.tenant.id, person: caller.session.personId, subscription, deliver })
      .then((unfollow) => void ended.finally(unfollow), resolve);
  });
  await ended;
  clearInterval(pulse);
  raw.end();
}
