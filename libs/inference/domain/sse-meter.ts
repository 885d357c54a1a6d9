import { ByteTail } from './byte-tail.js';
import { findUsage, tokenCounts, type ReplyMeter } from './reply-meter.js';
import type { TokenCounts } from './usage.js';

const dataLine = Buffer.from('\ndata:');
const usageKey = Buffer.from('"usage"');
const newline = 0x0a;

/** An event that grows past this is passed on unread: no usage chunk is that long, and memory stays bounded. */
const maxHeldBytes = 262_144;

/**
 * Meters a stream of server-sent events (WHATWG HTML, section 9.2; chunks as in OpenAI's API reference) and
 * passes its bytes on unchanged, save one thing: where the router had asked for usage on its own account, the
 * event that holds nothing else is dropped.
 */
export class SseMeter implements ReplyMeter {
  private readonly tail = new ByteTail();
  private held: Buffer | null = null;
  private events = 0;
  private found: TokenCounts | null = null;
  private lastByte = newline;

  /** @param dropsUsage true where the client did not ask for the usage event */
  constructor(private readonly dropsUsage: boolean) {}

  push(chunk: Buffer): Buffer | null {
    this.count(chunk);
    this.tail.push(chunk);
    return this.dropsUsage ? this.filter(chunk) : chunk;
  }

  end(): Buffer | null {
    const rest = this.held;
    this.held = null;
    return rest === null ? null : this.withoutUsage(rest);
  }

  usage(): TokenCounts | null {
    return this.found ?? findUsage(this.tail.text());
  }

  isComplete(): boolean {
    const text = this.tail.text();
    return /(^|\n)data:\s*\[DONE\]/.test(text) || /"finish_reason"\s*:\s*"/.test(text);
  }

  deliveredTokens(): number {
    const marks = (this.isDone() ? 1 : 0) + (this.usage() === null ? 0 : 1);
    return Math.max(0, this.events - marks);
  }

  private isDone(): boolean {
    return this.tail.text().includes('[DONE]');
  }

  /** Counts `data:` lines. Inside JSON a line break is always escaped, so the bytes can stand for nothing else. */
  private count(chunk: Buffer): void {
    if (this.lastByte === newline && chunk[0] === 0x64) this.events += 1;
    for (let at = chunk.indexOf(dataLine); at !== -1; at = chunk.indexOf(dataLine, at + 1)) this.events += 1;
    this.lastByte = chunk[chunk.length - 1] ?? newline;
  }

  private filter(chunk: Buffer): Buffer | null {
    const bytes = this.held === null ? chunk : Buffer.concat([this.held, chunk]);
    const end = lastEventEnd(bytes);
    if (end === 0 && bytes.length < maxHeldBytes) {
      this.held = bytes;
      return null;
    }
    const cut = end === 0 ? bytes.length : end;
    this.held = cut === bytes.length ? null : bytes.subarray(cut);
    return this.withoutUsage(bytes.subarray(0, cut));
  }

  /** `bytes` holds whole events. Nearly always none has usage, and they go on as they are. */
  private withoutUsage(bytes: Buffer): Buffer | null {
    if (bytes.indexOf(usageKey) === -1) return bytes;
    const kept: Buffer[] = [];
    for (let start = 0; start < bytes.length;) {
      const end = eventEnd(bytes, start);
      const event = bytes.subarray(start, end);
      if (!this.isUsageOnly(event)) kept.push(event);
      start = end;
    }
    return kept.length === 0 ? null : Buffer.concat(kept);
  }

  private isUsageOnly(event: Buffer): boolean {
    if (event.indexOf(usageKey) === -1) return false;
    const data = parseData(event.toString('utf8'));
    if (typeof data !== 'object' || data === null || !('usage' in data)) return false;
    this.found = tokenCounts(data.usage) ?? this.found;
    const isEmpty = !('choices' in data) || (Array.isArray(data.choices) && data.choices.length === 0);
    return data.usage !== null && isEmpty;
  }
}

function parseData(event: string): unknown {
  const data = event
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length))
    .join('\n');
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

/** Where the event that starts at `start` ends: behind its blank line. */
function eventEnd(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(newline, start); at !== -1; at = bytes.indexOf(newline, at + 1)) {
    const end = blankLineEnd(bytes, at);
    if (end !== 0) return end;
  }
  return bytes.length;
}

/** Where the last whole event ends; 0 when there is none. */
function lastEventEnd(bytes: Buffer): number {
  for (let at = bytes.lastIndexOf(newline); at > 0; at = bytes.lastIndexOf(newline, at - 1)) {
    if (bytes[at - 1] === newline) return at + 1;
    if (bytes[at - 1] === 0x0d && bytes[at - 2] === newline) return at + 1;
  }
  return 0;
}

function blankLineEnd(bytes: Buffer, lineEnd: number): number {
  if (bytes[lineEnd + 1] === newline) return lineEnd + 2;
  return bytes[lineEnd + 1] === 0x0d && bytes[lineEnd + 2] === newline ? lineEnd + 3 : 0;
}
