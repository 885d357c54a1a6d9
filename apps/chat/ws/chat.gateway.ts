import type { IncomingMessage } from 'node:http';
import { Inject } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import type { WebSocket } from 'ws';
import type { z } from 'zod';
import { FollowTopic } from '#libs/chat/app/follow-topic.js';
import { SendTurn } from '#libs/chat/app/send-turn.js';
import { StopGeneration } from '#libs/chat/app/stop-generation.js';
import { clientFrames, closeCodes, socketPath } from '#libs/contracts/chat-events.js';
import type { SessionIdentity } from '#libs/identity/domain/caller-identity.js';
import { AppError, asAppError } from '#libs/kernel/errors.js';
import { generationId, type TenantId, uuidV7 } from '#libs/kernel/ids.js';
import { socketCaller } from '#libs/platform/nest/socket-adapter.js';
import { SocketHost } from '#libs/platform/nest/socket-host.js';
import { Connection } from './connection.js';

/** Proxies close a connection that is silent for a minute; two pings fit in. */
const pingMs = 25_000;
/** The latest that readers come back after a restart, in ms: spread out, so that they do not all come at once. */
const longestReturnMs = 2_000;
/** The same of a few: long enough for the answer that brings the next token, too short to be noticed. */
const shortReturnMs = 400;
const fewReaders = 50;

/** The socket of one tab: every frame of the contract, each handed to its use case. */
@WebSocketGateway({ path: socketPath })
export class ChatGateway implements OnGatewayConnection<WebSocket>, OnGatewayDisconnect<WebSocket> {
  private readonly connections = new Map<WebSocket, Connection>();
  private readonly pings = setInterval(() => this.probeAll(), pingMs);

  constructor(
    @Inject(SendTurn) private readonly sendTurn: SendTurn,
    @Inject(StopGeneration) private readonly stopGeneration: StopGeneration,
    @Inject(FollowTopic) private readonly followTopic: FollowTopic,
    @Inject(SocketHost) private readonly host: SocketHost,
  ) {
    host.onSessionEnd((sessionId) => this.endSession(sessionId));
    host.onSessionRenewal((isConcerned) => this.renew(isConcerned));
    host.onServed((tenants) => this.endAllBut(tenants));
  }

  /** Sockets open right now. */
  get count(): number {
    return this.connections.size;
  }

  handleConnection(socket: WebSocket, request: IncomingMessage): void {
    const caller = socketCaller(request);
    if (caller === null) return socket.close(closeCodes.unauthenticated, 'not signed in');
    const connection = new Connection(socket, caller, this.followTopic);
    this.connections.set(socket, connection);
    this.host.telemetry.socketOpened();
    socket.on('pong', () => (connection.alive = true));
    connection.send({ event: 'ready', data: { connectionId: uuidV7(Date.now()), bootId: this.host.bootId } });
  }

  async handleDisconnect(socket: WebSocket): Promise<void> {
    const connection = this.connections.get(socket);
    if (connection === undefined) return;
    this.connections.delete(socket);
    this.host.telemetry.socketClosed();
    await connection.close();
  }

  @SubscribeMessage('hello')
  hello(@ConnectedSocket() socket: WebSocket, @MessageBody() data: unknown): Promise<void> {
    return this.handle(socket, clientFrames.hello, data, async (connection, { subs }) => {
      await Promise.all(subs.map((subscription) => connection.follow(subscription)));
    });
  }

  @SubscribeMessage('sub')
  sub(@ConnectedSocket() socket: WebSocket, @MessageBody() data: unknown): Promise<void> {
    return this.handle(socket, clientFrames.sub, data, (connection, subscription) => connection.follow(subscription));
  }

  @SubscribeMessage('unsub')
  unsub(@ConnectedSocket() socket: WebSocket, @MessageBody() data: unknown): Promise<void> {
    return this.handle(socket, clientFrames.unsub, data, (connection, { topic }) => connection.unfollow(topic));
  }

  @SubscribeMessage('send')
  send(@ConnectedSocket() socket: WebSocket, @MessageBody() data: unknown): Promise<void> {
    return this.handle(socket, clientFrames.send, data, async (connection, request) => {
      const { tenant, session } = connection.caller;
      this.markUse(connection);
      connection.send({ event: 'ack', data: await this.sendTurn.send(tenant, session.personId, request) });
    });
  }

  @SubscribeMessage('stop')
  stop(@ConnectedSocket() socket: WebSocket, @MessageBody() data: unknown): Promise<void> {
    return this.handle(socket, clientFrames.stop, data, (connection, frame) => {
      const { tenant, session } = connection.caller;
      this.markUse(connection);
      return this.stopGeneration.stop(tenant.id, session.personId, generationId(frame.generationId));
    });
  }

  @SubscribeMessage('ping')
  ping(@ConnectedSocket() socket: WebSocket, @MessageBody() data: unknown): Promise<void> {
    return this.handle(socket, clientFrames.ping, data, (connection, { at }) => {
      connection.send({ event: 'pong', data: at === undefined ? {} : { at } });
      return Promise.resolve();
    });
  }

  /** Tells every reader to come back after a moment, spread out, so that they do not all come at once. */
  drain(): void {
    clearInterval(this.pings);
    for (const connection of this.connections.values()) comeBack(connection, longestReturnMs, 'restarting');
  }

  private async handle<Schema extends z.ZodType>(
    socket: WebSocket,
    schema: Schema,
    data: unknown,
    work: (connection: Connection, frame: z.output<Schema>) => Promise<void>,
  ): Promise<void> {
    const connection = this.connections.get(socket);
    if (connection === undefined || !connection.admits()) return;
    const parsed = schema.safeParse(data ?? {});
    const about = aboutOf(data);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const field = issue?.path.join('.') ?? '';
      return connection.refuse(
        new AppError('bad_request', `The field ${field}: ${issue?.message ?? 'is not understood'}.`, { field }),
        about,
      );
    }
    try {
      await work(connection, parsed.data);
    } catch (error) {
      connection.refuse(asAppError(error), about);
    }
  }

  private endSession(sessionId: string): void {
    for (const connection of this.connections.values())
      if (connection.caller.session.sessionId === sessionId)
        connection.end(closeCodes.unauthenticated, 'the session ended');
  }

  /**
   * What was opened with the token or the rights of before ends, so that whoever had only those is out. The page it
   * belongs to has the next token by then, or a moment later, and nobody there notices.
   */
  private renew(isConcerned: (session: SessionIdentity) => boolean): void {
    const concerned = [...this.connections.values()].filter(({ caller }) => isConcerned(caller.session));
    const longestMs = concerned.length > fewReaders ? longestReturnMs : shortReturnMs;
    for (const connection of concerned) comeBack(connection, longestMs, 'another token');
  }

  private markUse(connection: Connection): void {
    if (connection.isUseNews()) this.host.seen(connection.caller);
  }

  /** A tenant that was suspended or erased is not served any more: its sockets neither. */
  private endAllBut(tenants: ReadonlySet<TenantId>): void {
    for (const connection of this.connections.values())
      if (!tenants.has(connection.caller.tenant.id))
        connection.end(closeCodes.unauthenticated, 'the organisation is not served');
  }

  private probeAll(): void {
    for (const connection of this.connections.values()) connection.probe();
  }
}

/** Asks a reader to come back after a moment of its own. */
function comeBack(connection: Connection, longestMs: number, reason: string): void {
  connection.send({ event: 'drain', data: { afterMs: 200 + Math.floor(Math.random() * (longestMs - 200)) } });
  connection.end(closeCodes.draining, reason);
}

/** What an error frame refers to, as far as the frame that caused it can be read. */
function aboutOf(data: unknown): { clientId?: string; topic?: string } {
  const { clientId, topic } = (typeof data === 'object' && data !== null ? data : {}) as {
    clientId?: unknown;
    topic?: unknown;
  };
  return { ...(typeof clientId === 'string' ? { clientId } : {}), ...(typeof topic === 'string' ? { topic } : {}) };
}
