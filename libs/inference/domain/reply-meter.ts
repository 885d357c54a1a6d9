import type { TokenCounts } from './usage.js';

/**
 * Watches the bytes of a reply on their way to the client and learns from them what has to be metered.
 * It keeps the end of the reply only, whatever its length.
 */
export interface ReplyMeter {
  /** Bytes to pass on now, in order; null when these are held back or dropped. */
  push(chunk: Buffer): Buffer | null;
  /** Call once, after the last chunk: what was still held back. */
  end(): Buffer | null;
  /** The backend's own count; null when it gave none, or one that can not be true. */
  usage(): TokenCounts | null;
  /** Whether the reply ended the way its protocol says. */
  isComplete(): boolean;
  /** Tokens that reached us so far, as far as they can be told without the backend's count. */
  deliveredTokens(): number;
}

/** More than any model has answered; larger counts are taken for a fault of the server. */
const maxPlausibleTokens = 100_000_000;
/** Objects nested in `usage` today: prompt_tokens_details and completion_tokens_details; room for more. */
const maxClosingBraces = 16;

/** The last `usage` object in a piece of JSON text, if it makes sense. Escaped text inside strings never matches. */
export function findUsage(text: string): TokenCounts | null {
  for (let at = text.lastIndexOf('"usage"'); at !== -1; at = at === 0 ? -1 : text.lastIndexOf('"usage"', at - 1)) {
    const counts = usageAt(text, at);
    if (counts !== null) return counts;
  }
  return null;
}

function usageAt(text: string, at: number): TokenCounts | null {
  const start = /^"usage"\s*:\s*\{/.exec(text.slice(at, at + 32));
  if (start === null) return null;
  const open = at + start[0].length - 1;
  let close = open;
  for (let tries = 0; tries < maxClosingBraces; tries += 1) {
    close = text.indexOf('}', close + 1);
    if (close === -1) return null;
    const counts = parseUsage(text.slice(open, close + 1));
    if (counts !== 'unfinished') return counts;
  }
  return null;
}

function parseUsage(text: string): TokenCounts | null | 'unfinished' {
  try {
    return tokenCounts(JSON.parse(text));
  } catch {
    return 'unfinished';
  }
}

/** Checks an OpenAI `usage` object: whole numbers that can be true. Embeddings have no completion tokens. */
export function tokenCounts(usage: unknown): TokenCounts | null {
  if (typeof usage !== 'object' || usage === null || !('prompt_tokens' in usage)) return null;
  const promptTokens = usage.prompt_tokens;
  const completionTokens = 'completion_tokens' in usage ? usage.completion_tokens : 0;
  if (!isPlausible(promptTokens) || !isPlausible(completionTokens)) return null;
  return { promptTokens, completionTokens };
}

function isPlausible(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maxPlausibleTokens;
}
