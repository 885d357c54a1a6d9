import { z } from 'zod';
import { AnswerError, AnswerStatus, ConversationView, MessageView, TokenUsage, TurnNotice } from './chat-views.js';
import { ErrorView } from './error-body.js';

/** Path of the socket, and the subprotocol both sides name at the upgrade. */
export const socketPath = '/rt';
export const socketProtocol = 'whisper.v1';

/** Close codes of ours (4000 to 4999 are free for applications, RFC 6455 section 7.4.2). */
export const closeCodes = { unauthenticated: 4001, slowReader: 4008, draining: 4012, tooManyFrames: 4029 } as const;

/** Events of one answer, numbered by its producer from 0. Names are noun-verb. */
export const TurnEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('turn-start'), model: z.string(), demo: z.boolean() }),
  z.object({ kind: z.literal('text-delta'), text: z.string() }),
  z.object({ kind: z.literal('turn-notice'), notice: TurnNotice }),
  z.object({
    kind: z.literal('turn-end'),
    status: z.enum(['complete', 'stopped']),
    finishReason: z.string().nullable(),
    usage: TokenUsage.nullable(),
    firstTokenMs: z.int().nullable(),
    endedAt: z.iso.datetime(),
  }),
  z.object({
    kind: z.literal('turn-error'),
    status: z.enum(['failed', 'interrupted']),
    error: AnswerError,
    endedAt: z.iso.datetime(),
  }),
]);
export type TurnEvent = z.infer<typeof TurnEvent>;

/** The whole state of an answer after the events before `seq`. */
export const TurnState = z.object({
  status: AnswerStatus,
  model: z.string(),
  demo: z.boolean(),
  text: z.string(),
  notices: z.array(TurnNotice),
  finishReason: z.string().nullable(),
  usage: TokenUsage.nullable(),
  error: AnswerError.nullable(),
  firstTokenMs: z.int().nullable(),
  endedAt: z.iso.datetime().nullable(),
});
export type TurnState = z.infer<typeof TurnState>;

/** Events of one conversation, in the order of its log. */
export const ConversationEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('message-added'), message: MessageView }),
  z.object({ kind: z.literal('message-changed'), message: MessageView }),
  z.object({ kind: z.literal('conversation-changed'), conversation: ConversationView }),
]);
export type ConversationEvent = z.infer<typeof ConversationEvent>;

/** What a person's other tabs and devices should know. Not logged: a reader that was away fetches the list anew. */
export const PersonEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('conversation-changed'), conversation: ConversationView }),
  z.object({ kind: z.literal('conversation-removed'), conversationId: z.uuid() }),
  z.object({ kind: z.literal('models-changed') }),
]);
export type PersonEvent = z.infer<typeof PersonEvent>;

/** `generation:<id>`, `conversation:<id>`, or `person` for the signed-in one. */
export const Topic = z
  .string()
  .regex(/^(person|(generation|conversation):[0-9a-f-]{36})$/, 'must be person, generation:<id> or conversation:<id>');

/**
 * A subscription: `after` is the number of events already known (0: none), `epoch` the log they belong to.
 * The answer is the events from there on, or a snapshot where the epoch differs or they are gone.
 */
export const Subscription = z.strictObject({
  topic: Topic,
  epoch: z.int().min(0).optional(),
  after: z.int().min(0).default(0),
});
export type Subscription = z.infer<typeof Subscription>;

/** What the person asks for. Each makes exactly one answer, however often it is sent with one `clientId`. */
export const TurnIntent = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('say'),
    conversationId: z.uuid().nullable().describe('null starts a conversation.'),
    parentId: z.uuid().nullable().describe('The message it follows; null at the start.'),
    text: z.string().min(1).max(200_000),
  }),
  z.strictObject({
    kind: z.literal('edit'),
    messageId: z.uuid().describe("A message of the person's own; the edit is a new branch."),
    text: z.string().min(1).max(200_000),
  }),
  z.strictObject({
    kind: z.literal('regenerate'),
    messageId: z.uuid().describe('The answer to write anew, as a new branch; retry is the same.'),
  }),
  z.strictObject({
    kind: z.literal('continue'),
    messageId: z.uuid().describe('An interrupted or stopped answer to go on with, in place.'),
  }),
]);
export type TurnIntent = z.infer<typeof TurnIntent>;

export const SendRequest = z.strictObject({
  clientId: z.uuid().describe('Made by the client; the same id never makes a second turn.'),
  model: z.string().max(200).optional().describe("Left out: the conversation's, else the tenant's default."),
  intent: TurnIntent,
});
export type SendRequest = z.infer<typeof SendRequest>;

/** The turn as it stands in the database: acknowledged only after COMMIT. */
export const SendReceipt = z.object({
  clientId: z.uuid(),
  conversation: ConversationView,
  userMessage: MessageView.nullable(),
  answer: MessageView,
  generationId: z.uuid(),
  epoch: z.int(),
});
export type SendReceipt = z.infer<typeof SendReceipt>;

/** Frames of the client: `{"event": <name>, "data": {…}}`. */
export const clientFrames = {
  hello: z.strictObject({ subs: z.array(Subscription).max(64).default([]) }),
  sub: Subscription,
  unsub: z.strictObject({ topic: Topic }),
  send: SendRequest,
  stop: z.strictObject({ generationId: z.uuid() }),
  ping: z.strictObject({ at: z.number().optional() }),
} as const;
export type ClientFrameName = keyof typeof clientFrames;

/**
 * Frames of the server. `ev` carries the events numbered [from, to) of a topic and epoch:
 * from = known: apply; to <= known: drop; a gap: subscribe again; another epoch: wait for `snap`.
 */
export const serverFrames = {
  ready: z.object({ connectionId: z.string(), bootId: z.string() }),
  ev: z.object({
    topic: Topic,
    epoch: z.int(),
    from: z.int(),
    to: z.int(),
    events: z.array(z.union([TurnEvent, ConversationEvent, PersonEvent])),
  }),
  snap: z.object({
    topic: Topic,
    epoch: z.int(),
    seq: z.int(),
    state: z
      .union([TurnState, z.object({ reload: z.literal(true) })])
      .describe('A conversation answers `reload`: fetch it anew.'),
  }),
  ack: SendReceipt,
  err: z.object({ clientId: z.string().optional(), topic: z.string().optional(), error: ErrorView }),
  drain: z.object({ afterMs: z.int() }),
  pong: z.object({ at: z.number().optional() }),
} as const;
export type ServerFrameName = keyof typeof serverFrames;
export type ServerFrame = {
  [Name in ServerFrameName]: { readonly event: Name; readonly data: z.infer<(typeof serverFrames)[Name]> };
}[ServerFrameName];
