import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { z } from 'zod';
import {
  type ClientFrameName,
  type SendReceipt,
  type ServerFrame,
  type ServerFrameName,
  type serverFrames,
  socketPath,
  socketProtocol,
  type TurnEvent,
  type TurnState,
} from '#libs/contracts/chat-events.js';
import { applyTurnEvent, emptyTurn } from '#libs/contracts/stream-reducer.js';
import type { Browser } from './browser.js';
import { until } from './until.js';

export type FrameOf<Name extends ServerFrameName> = z.infer<(typeof serverFrames)[Name]>;

/** The socket of one tab, which keeps every frame it got. */
export class LiveSocket {
  readonly frames: ServerFrame[] = [];
  closeCode: number | null = null;
  /** Set when the server refused the upgrade: its status. */
  refused: number | null = null;
  private readonly listeners = new Set<(frame: ServerFrame) => void>();

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString('utf8')) as ServerFrame;
      this.frames.push(frame);
      for (const listener of this.listeners) listener(frame);
    });
    socket.on('close', (code) => (this.closeCode = code));
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_request, response) => {
      this.refused = response.statusCode ?? 0;
      response.resume();
    });
  }

  /** Opens it as the browser's page would; resolves when it is open or refused. */
  static async open(browser: Browser, headers: Record<string, string> = {}): Promise<LiveSocket> {
    const { host, port } = new URL(browser.origin);
    const cookie = browser.cookie('__Host-whisper');
    const live = new LiveSocket(
      new WebSocket(`ws://127.0.0.1:${port}${socketPath}`, socketProtocol, {
        headers: {
          host,
          origin: browser.origin,
          ...(cookie === null ? {} : { cookie: `__Host-whisper=${cookie}` }),
          ...headers,
        },
      }),
    );
    await until(() => live.frames.length > 0 || live.refused !== null || live.closeCode !== null);
    return live;
  }

  send(event: ClientFrameName, data: unknown): void {
    this.socket.send(JSON.stringify({ event, data }));
  }

  /** Every frame of a kind, in order. */
  all<Name extends ServerFrameName>(event: Name): FrameOf<Name>[] {
    return this.frames.flatMap((frame) => (frame.event === event ? [frame.data as unknown as FrameOf<Name>] : []));
  }

  async first<Name extends ServerFrameName>(
    event: Name,
    fits: (data: FrameOf<Name>) => boolean = () => true,
  ): Promise<FrameOf<Name>> {
    await until(() => this.all(event).some(fits));
    return this.all(event).find(fits) as FrameOf<Name>;
  }

  onFrame(listener: (frame: ServerFrame) => void): void {
    this.listeners.add(listener);
  }

  /** Sends a first message; resolves when it is acknowledged. */
  async say(text: string, clientId: string = randomUUID()): Promise<SendReceipt> {
    this.send('send', { clientId, intent: { kind: 'say', conversationId: null, parentId: null, text } });
    return this.first('ack', (receipt) => receipt.clientId === clientId);
  }

  async intend(intent: Record<string, unknown>): Promise<SendReceipt> {
    const clientId = randomUUID();
    this.send('send', { clientId, intent });
    return this.first('ack', (receipt) => receipt.clientId === clientId);
  }

  /** Cuts the connection as a lost network does. */
  drop(): void {
    this.socket.terminate();
  }
}

/** What a page shows of one answer: applies what its socket brings by the rules of the contract. */
export class AnswerReader {
  state: TurnState = emptyTurn;
  epoch = 0;
  known = 0;
  /** A rule of the stream that was broken. */
  fault: string | null = null;

  constructor(readonly generationId: string) {}

  private get topic(): string {
    return `generation:${this.generationId}`;
  }

  /** Follows the answer on a socket, from where this reader is. */
  follow(socket: LiveSocket): this {
    socket.onFrame((frame) => {
      if (frame.event === 'snap' && frame.data.topic === this.topic) this.takeState(frame.data);
      else if (frame.event === 'ev' && frame.data.topic === this.topic) this.takeEvents(frame.data);
    });
    socket.send('sub', { topic: this.topic, after: this.known, ...(this.known > 0 ? { epoch: this.epoch } : {}) });
    return this;
  }

  private takeState({ epoch, seq, state }: FrameOf<'snap'>): void {
    if ('reload' in state) return;
    this.state = state;
    this.epoch = epoch;
    this.known = seq;
  }

  private takeEvents({ epoch, from, to, events }: FrameOf<'ev'>): void {
    if (epoch !== this.epoch || from !== this.known || events.length !== to - from)
      this.fault ??= `knew ${this.epoch}.${this.known}, got ${epoch}.${from} to ${to}`;
    this.state = (events as TurnEvent[]).reduce(applyTurnEvent, this.state);
    this.known = to;
  }

  ended(timeoutMs?: number): Promise<boolean> {
    return until(() => this.state.status !== 'running', timeoutMs);
  }
}
