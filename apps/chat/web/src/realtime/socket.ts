import type { ClientFrameName, ServerFrame, clientFrames } from '#libs/contracts/chat-events.js';
import type { z } from 'zod';

type FrameData<Name extends ClientFrameName> = z.input<(typeof clientFrames)[Name]>;

/** Reconnects start at once-ish and never wait longer than this, in ms. */
const firstWaitMs = 250;
const longestWaitMs = 5_000;
/** A quiet socket is asked for a sign of life; without one it is dead, whatever the browser says. Both in ms. */
const pingEveryMs = 20_000;
const pongWithinMs = 8_000;
/** Close code `unauthenticated` of libs/contracts/chat-events.ts. */
const unauthenticated = 4001;
/** So many tries in a row that never opened are no accident: something on the way refuses sockets. */
const refusalsInARow = 2;

interface SocketEvents {
  readonly onOpen: () => void;
  readonly onFrame: (frame: ServerFrame) => void;
  readonly onState: (open: boolean) => void;
  readonly onSessionEnd: () => void;
  /** Told at each try from the second in a row that never opened. */
  readonly onRefused: () => void;
}

/** One socket that comes back: jittered waits from 250 ms to 5 s, at once when the network or the tab returns. */
export class ReturningSocket {
  private socket: WebSocket | null = null;
  private attempts = 0;
  private refusals = 0;
  private stopped = false;
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private pinging: ReturnType<typeof setInterval> | undefined;
  private lastFrameAt = 0;
  private readonly wake = (): void => {
    if (document.visibilityState !== 'visible' || this.socket?.readyState === WebSocket.OPEN) return;
    this.attempts = 0;
    this.open();
  };

  constructor(private readonly events: SocketEvents) {}

  start(): void {
    window.addEventListener('online', this.wake);
    document.addEventListener('visibilitychange', this.wake);
    this.open();
  }

  stop(): void {
    this.stopped = true;
    window.removeEventListener('online', this.wake);
    document.removeEventListener('visibilitychange', this.wake);
    clearTimeout(this.waiting);
    this.drop();
  }

  /** Sends a frame; false where there is no open socket. */
  send<Name extends ClientFrameName>(event: Name, data: FrameData<Name>): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify({ event, data }));
    return true;
  }

  private open(): void {
    clearTimeout(this.waiting);
    if (this.stopped || this.socket?.readyState === WebSocket.CONNECTING) return;
    this.drop();
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/rt`, 'whisper.v1');
    this.socket = socket;
    let hasOpened = false;
    socket.addEventListener('open', () => {
      this.attempts = 0;
      this.refusals = 0;
      hasOpened = true;
      this.lastFrameAt = Date.now();
      this.pinging = setInterval(() => this.ping(), pingEveryMs);
      this.events.onState(true);
      this.events.onOpen();
    });
    socket.addEventListener('message', (message) => this.receive(String(message.data)));
    socket.addEventListener('close', (close) => {
      if (this.socket !== socket) return;
      if (!hasOpened) this.refusals += 1;
      this.closed(close.code);
    });
  }

  private receive(text: string): void {
    this.lastFrameAt = Date.now();
    // Our own server speaks the contract named by the subprotocol.
    const frame = JSON.parse(text) as ServerFrame;
    if (frame.event === 'drain') this.reopenIn(frame.data.afterMs);
    else this.events.onFrame(frame);
  }

  private ping(): void {
    const askedAt = Date.now();
    this.send('ping', { at: askedAt });
    setTimeout(() => {
      if (this.lastFrameAt < askedAt && this.socket?.readyState === WebSocket.OPEN) this.lost();
    }, pongWithinMs);
  }

  private closed(code: number): void {
    if (code === unauthenticated) {
      this.stop();
      this.events.onState(false);
      this.events.onSessionEnd();
      return;
    }
    this.lost();
  }

  private lost(): void {
    this.drop();
    this.events.onState(false);
    if (this.refusals >= refusalsInARow) this.events.onRefused();
    const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** this.attempts);
    this.attempts += 1;
    this.reopenIn(wait * (0.5 + Math.random() / 2));
  }

  private reopenIn(waitMs: number): void {
    clearTimeout(this.waiting);
    if (!this.stopped) this.waiting = setTimeout(() => this.open(), waitMs);
  }

  private drop(): void {
    clearInterval(this.pinging);
    const socket = this.socket;
    this.socket = null;
    if (socket !== null && socket.readyState <= WebSocket.OPEN) socket.close();
  }
}
