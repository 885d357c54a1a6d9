import { randomBytes, randomUUID } from 'node:crypto';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type TenantId = Branded<'TenantId'>;
export type UserId = Branded<'UserId'>;
export type SessionId = Branded<'SessionId'>;
export type ConversationId = Branded<'ConversationId'>;
export type MessageId = Branded<'MessageId'>;
export type GenerationId = Branded<'GenerationId'>;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Whether the text has the form of an id of this platform: a lower-case UUID. */
export function isId(text: string): boolean {
  return uuid.test(text);
}

function checked<Id>(kind: string) {
  return (text: string): Id => {
    if (!isId(text)) throw new TypeError(`not a ${kind}: ${JSON.stringify(text.slice(0, 64))}`);
    return text as Id;
  };
}

export const tenantId = checked<TenantId>('tenant id');
export const userId = checked<UserId>('user id');
export const sessionId = checked<SessionId>('session id');
export const conversationId = checked<ConversationId>('conversation id');
export const messageId = checked<MessageId>('message id');
export const generationId = checked<GenerationId>('generation id');

/** Makes ids and secrets. Tests give predictable ones. */
export abstract class Ids {
  /** A new UUID, version 7: ids made later sort later. */
  abstract next(): string;
  /** `bytes` random bytes as base64url, for tokens and keys. */
  abstract secret(bytes: number): string;
}

/** Ids from the machine's random source. */
export class RandomIds extends Ids {
  override next(): string {
    return uuidV7(Date.now());
  }

  override secret(bytes: number): string {
    return randomBytes(bytes).toString('base64url');
  }
}

let lastMs = 0;
let counter = 0;

/**
 * RFC 9562 section 5.7: 48 bits of milliseconds, then a counter of 12 bits, then random bits. The counter
 * (section 6.2, method 1) keeps ids of one process in the order they were made, also within a millisecond.
 */
export function uuidV7(nowMs: number): string {
  counter = nowMs > lastMs ? 0 : counter + 1;
  if (counter > 0xfff) {
    counter = 0;
    lastMs += 1;
  }
  lastMs = Math.max(lastMs, nowMs);
  const time = lastMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}${randomUUID().slice(18)}`;
}
