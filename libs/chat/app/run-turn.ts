import type { Clock } from '#libs/kernel/clock.js';
import { AppError, asAppError } from '#libs/kernel/errors.js';
import type { TurnEvent } from '../domain/turn.js';
import type { CompletionRequest, Completions } from '../ports/completions.js';

interface RunTurn {
  readonly completions: Completions;
  readonly clock: Clock;
  readonly request: CompletionRequest;
  /** Aborts when the person stops the answer. */
  readonly signal: AbortSignal;
  /** Text of an answer that is continued, or null. */
  readonly unfinished: string | null;
}

/** One answer from its start to exactly one `turn-end` or `turn-error`. Never throws. */
export async function* runTurn(turn: RunTurn): AsyncGenerator<TurnEvent, void> {
  const startedMs = turn.clock.now().getTime();
  let firstTokenMs: number | null = null;
  const since = () => turn.clock.now().getTime() - startedMs;
  const endedAt = () => turn.clock.now().toISOString();
  if (turn.unfinished !== null) {
    yield { kind: 'text-delta', text: turn.unfinished };
    yield { kind: 'turn-notice', notice: { kind: 'continued' } };
  }
  try {
    for await (const part of turn.completions.stream(turn.request, turn.signal)) {
      switch (part.kind) {
        case 'start':
          yield { kind: 'turn-start', model: part.model, demo: part.demo };
          if (part.fallbackFrom !== null)
            yield {
              kind: 'turn-notice',
              notice: { kind: 'fallback', fromModel: part.fallbackFrom, toModel: part.model },
            };
          else if (part.attempts > 1) yield { kind: 'turn-notice', notice: { kind: 'retried' } };
          break;
        case 'text':
          firstTokenMs ??= since();
          yield { kind: 'text-delta', text: part.text };
          break;
        case 'end': {
          const counted = part.promptTokens !== null && part.completionTokens !== null;
          const usage = counted
            ? {
                promptTokens: part.promptTokens,
                completionTokens: part.completionTokens,
                costMicroUsd: part.costMicroUsd,
                estimated: false,
              }
            : null;
          yield {
            kind: 'turn-end',
            status: 'complete',
            finishReason: part.finishReason,
            usage,
            firstTokenMs,
            endedAt: endedAt(),
          };
          return;
        }
      }
    }
    throw new AppError('backend_unavailable', 'The answer ended without an end.');
  } catch (error) {
    if (turn.signal.aborted && !(turn.signal.reason instanceof AppError)) {
      yield { kind: 'turn-end', status: 'stopped', finishReason: null, usage: null, firstTokenMs, endedAt: endedAt() };
      return;
    }
    const { code, message, action, retryable, retryAt } = asAppError(turn.signal.aborted ? turn.signal.reason : error);
    const status = code === 'interrupted' || code === 'draining' ? 'interrupted' : 'failed';
    const until = retryAt === undefined ? {} : { retryAt: retryAt.toISOString() };
    yield { kind: 'turn-error', status, error: { code, message, action, retryable, ...until }, endedAt: endedAt() };
  }
}
