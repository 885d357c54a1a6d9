import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TurnState } from '../domain/turn.js';

/** One answer, as metrics and traces follow it. */
export interface AnswerTrace {
  /** W3C trace context that the call of the model goes on from; null where the answer is not traced. */
  readonly traceparent: string | null;
  /** Call once, with the state after the last event. */
  end(state: TurnState): void;
}

/** Watches the chat. Never throws, never waits, and keeps no text of an answer. */
export abstract class ChatTelemetry {
  abstract socketOpened(): void;
  abstract socketClosed(): void;
  /** An answer begins to be written, again or for the first time. */
  abstract answerStarted(tenant: Tenant): AnswerTrace;
}
