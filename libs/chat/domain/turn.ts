/** How an answer ended, or that it has not. */
export type AnswerStatus = 'running' | 'complete' | 'stopped' | 'interrupted' | 'failed';

export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costMicroUsd: number;
  readonly estimated: boolean;
}

export type Notice =
  | { readonly kind: 'retried' }
  | { readonly kind: 'fallback'; readonly fromModel: string; readonly toModel: string }
  | { readonly kind: 'continued' };

export interface TurnFault {
  readonly code: string;
  readonly message: string;
  readonly action: string;
  readonly retryable: boolean;
  /** When a limit ends. */
  readonly retryAt?: string | undefined;
}

/** Events of one answer, numbered from 0 by the process that writes it. Times are ISO texts, so that events are JSON as they stand. */
export type TurnEvent =
  | { readonly kind: 'turn-start'; readonly model: string; readonly demo: boolean }
  | { readonly kind: 'text-delta'; readonly text: string }
  | { readonly kind: 'turn-notice'; readonly notice: Notice }
  | {
      readonly kind: 'turn-end';
      readonly status: 'complete' | 'stopped';
      readonly finishReason: string | null;
      readonly usage: Usage | null;
      readonly firstTokenMs: number | null;
      readonly endedAt: string;
    }
  | {
      readonly kind: 'turn-error';
      readonly status: 'failed' | 'interrupted';
      readonly error: TurnFault;
      readonly endedAt: string;
    };

/** Everything an answer is after some of its events. */
export interface TurnState {
  readonly status: AnswerStatus;
  readonly model: string;
  readonly demo: boolean;
  readonly text: string;
  readonly notices: readonly Notice[];
  readonly finishReason: string | null;
  readonly usage: Usage | null;
  readonly error: TurnFault | null;
  readonly firstTokenMs: number | null;
  readonly endedAt: string | null;
}

export function emptyTurn(model: string): TurnState {
  return {
    status: 'running',
    model,
    demo: false,
    text: '',
    notices: [],
    finishReason: null,
    usage: null,
    error: null,
    firstTokenMs: null,
    endedAt: null,
  };
}

/** The state after one more event. */
export function advance(state: TurnState, event: TurnEvent): TurnState {
  switch (event.kind) {
    case 'turn-start':
      return { ...state, model: event.model, demo: event.demo };
    case 'text-delta':
      return { ...state, text: state.text + event.text };
    case 'turn-notice':
      return { ...state, notices: [...state.notices, event.notice] };
    case 'turn-end': {
      const { status, finishReason, usage, firstTokenMs, endedAt } = event;
      return { ...state, status, finishReason, usage, firstTokenMs, endedAt };
    }
    case 'turn-error':
      return { ...state, status: event.status, error: event.error, endedAt: event.endedAt };
  }
}

/** Events numbered [from, to) of one epoch. */
export interface EventRange {
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
  readonly events: readonly TurnEvent[];
}

/** The part of a range that a reader who knows the events before `known` has not seen. */
export function unseen(range: EventRange, known: number): readonly TurnEvent[] {
  return range.events.slice(Math.max(0, known - range.from));
}
