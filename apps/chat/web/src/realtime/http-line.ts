import type { ServerFrame } from '#libs/contracts/chat-events.js';

/** How soon what was done on other devices shows; without a socket nobody tells, so that it has to be asked. */
const askEveryMs = 5_000;

/** Running answers as server-sent events, where a proxy lets no socket through. EventSource resumes by itself. */
export class HttpLine {
  private readonly streams = new Map<string, EventSource>();
  private asking: number | null = null;

  /** @param ask fetches anew what no stream brings; called every few seconds while this line is on */
  constructor(
    private readonly onFrame: (frame: ServerFrame) => void,
    private readonly ask: () => void,
  ) {}

  get isOn(): boolean {
    return this.asking !== null;
  }

  setOn(on: boolean): void {
    if (on) {
      this.asking ??= window.setInterval(this.ask, askEveryMs);
      return;
    }
    if (this.asking !== null) window.clearInterval(this.asking);
    this.asking = null;
    for (const topic of this.streams.keys()) this.leave(topic);
  }

  /** Follows a running answer from its beginning; other topics have no stream. */
  follow(topic: string): void {
    const [kind, id] = topic.split(':');
    if (!this.isOn || kind !== 'generation' || id === undefined) return;
    this.leave(topic);
    const stream = new EventSource(`/api/generations/${id}/events`);
    this.streams.set(topic, stream);
    const pass = (event: 'ev' | 'snap', text: string): void =>
      // Our own server speaks the contract of the socket here too.
      this.onFrame({ event, data: { topic, ...(JSON.parse(text) as object) } } as ServerFrame);
    stream.addEventListener('ev', (message) => pass('ev', String(message.data)));
    stream.addEventListener('snap', (message) => pass('snap', String(message.data)));
    stream.addEventListener('err', () => this.leave(topic));
  }

  leave(topic: string): void {
    this.streams.get(topic)?.close();
    this.streams.delete(topic);
  }
}
