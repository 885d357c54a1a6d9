import { findUsage, type ReplyMeter } from './reply-meter.js';
import { ByteTail } from './byte-tail.js';
import { estimateTokens, type TokenCounts } from './usage.js';

/** Enough of the start for servers that put `usage` before the answer. */
const headBytes = 4_096;

/** Meters a reply that is one JSON document. */
export class JsonMeter implements ReplyMeter {
  private head: Buffer | null = null;
  private readonly tail = new ByteTail();
  private bytes = 0;

  push(chunk: Buffer): Buffer {
    this.head ??= chunk.subarray(0, headBytes);
    this.tail.push(chunk);
    this.bytes += chunk.length;
    return chunk;
  }

  end(): null {
    return null;
  }

  usage(): TokenCounts | null {
    return findUsage(this.tail.text()) ?? findUsage(this.head?.toString('latin1') ?? '');
  }

  /** The length is HTTP's business: a cut reply ends with an error. */
  isComplete(): boolean {
    return true;
  }

  deliveredTokens(): number {
    return estimateTokens(this.bytes);
  }
}
