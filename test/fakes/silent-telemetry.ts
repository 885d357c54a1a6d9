import { type AnswerTrace, ChatTelemetry } from '#libs/chat/ports/chat-telemetry.js';
import { CallTelemetry, type CallTrace } from '#libs/inference/ports/call-telemetry.js';

/** Chat telemetry that nobody looks at. */
export class SilentChatTelemetry extends ChatTelemetry {
  override socketOpened(): void {
    // Nobody looks.
  }

  override socketClosed(): void {
    // Nobody looks.
  }

  override answerStarted(): AnswerTrace {
    return { traceparent: null, end: () => undefined };
  }
}

/** Telemetry that keeps what went wrong in the background, and nothing else. */
export class SilentTelemetry extends CallTelemetry {
  readonly failures: { what: string; error: unknown }[] = [];

  override start(): CallTrace {
    return { traceparent: null, attemptFailed: () => undefined, end: () => undefined };
  }

  override backgroundFailed(what: string, error: unknown): void {
    this.failures.push({ what, error });
  }

  override usageWaiting(): void {
    // Nobody looks.
  }
}
