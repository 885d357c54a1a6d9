import type { ServerFrame } from '#libs/contracts/chat-events.js';

/** Running answers as server-sent events, where a proxy lets no socket through. EventSource resumes by itself. */
export class HttpLine {
  private readonly streams = new Map<string, EventSource>();
  private on = false;

  constructor(private readonly onFrame: (frame: ServerFrame) => void) {}

  get isOn(): boolean {
    return this.on;
  }

  setOn(on: boolean): void {
    this.on = on;
    if (on) return;
    for (const topic of this.streams.keys()) this.leave(topic);
  }

  /** Follows a running answer from its beginning; other topics have no stream. */
  follow(topic: string): void {
    const [kind, id] = topic.split(':');
    if (!this.on || kind !== 'generation' || id === undefined) return;
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
