import { CallTelemetry, type CallTrace } from '#libs/inference/ports/call-telemetry.js';

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
