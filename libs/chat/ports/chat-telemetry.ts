import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TurnState } from '../domain/turn.js';

/** One answer, as metrics follow it. */
export interface AnswerTrace {
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
