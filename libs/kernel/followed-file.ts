import { readFile } from 'node:fs/promises';

/** Kubernetes swaps a link when a mounted object changes, which no watch sees on every file system; reading a small file does. */
const readEveryMs = 1_000;

interface FollowedFileParts<Value> {
  readonly path: string;
  /** Reads a text; throws for one that is not understood. */
  readonly parse: (text: string) => Value | Promise<Value>;
  /** Is told of a new text that was not understood. */
  readonly report: (error: unknown) => void;
}

/** A small file that somebody else replaces. Its last good version counts, so that a broken or missing one harms nobody. */
export class FollowedFile<Value> {
  private readonly listeners = new Set<() => void>();
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly parts: FollowedFileParts<Value>,
    private text: string,
    private known: Value,
  ) {
    this.timer = setInterval(() => void this.read(), readEveryMs).unref();
  }

  /** Rejects where the file is not there or its first version is not understood. */
  static async open<Value>(parts: FollowedFileParts<Value>): Promise<FollowedFile<Value>> {
    const text = await readFile(parts.path, 'utf8');
    return new FollowedFile(parts, text, await parts.parse(text));
  }

  /** What the file says; at most a second old. */
  get value(): Value {
    return this.known;
  }

  /** Calls `listener` after each change that was understood. */
  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** Looks at the file now. */
  async read(): Promise<void> {
    const text = await readFile(this.parts.path, 'utf8').catch(() => this.text);
    if (text === this.text) return;
    this.text = text;
    try {
      this.known = await this.parts.parse(text);
    } catch (error) {
      this.parts.report(error);
      return;
    }
    for (const listener of this.listeners) listener();
  }

  close(): void {
    clearInterval(this.timer);
  }
}
