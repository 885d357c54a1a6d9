import type { TurnEvent, TurnState } from './chat-events.js';

/** How far a reader knows a topic: `known` events of log `epoch`; the epoch is null until the first frame. */
export interface Position {
  readonly epoch: number | null;
  readonly known: number;
}

interface Frame<Event> {
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
  readonly events: readonly Event[];
}

/** What a reader does with a frame. `restart` throws away what it knows and asks for everything. */
export type Step<Event> =
  | { readonly kind: 'apply'; readonly position: Position; readonly events: readonly Event[] }
  | { readonly kind: 'drop' }
  | { readonly kind: 'wait' }
  | { readonly kind: 'resubscribe' }
  | { readonly kind: 'restart' };

/**
 * Decides what an `ev` frame means to a reader at `position`: the next range applies, an older one drops, one that
 * overlaps is cut where each number is one event, a gap is asked for again, another epoch waits for its snapshot.
 */
export function receive<Event>(position: Position, frame: Frame<Event>): Step<Event> {
  if (position.epoch !== null && frame.epoch !== position.epoch) return { kind: 'wait' };
  if (frame.to <= position.known) return { kind: 'drop' };
  if (frame.from > position.known) return { kind: 'resubscribe' };
  const next = { epoch: frame.epoch, known: frame.to };
  if (frame.from === position.known) return { kind: 'apply', position: next, events: frame.events };
  if (frame.events.length !== frame.to - frame.from) return { kind: 'restart' };
  return { kind: 'apply', position: next, events: frame.events.slice(position.known - frame.from) };
}

/** An answer of which nothing is known yet. */
export const emptyTurn: TurnState = {
  status: 'running',
  model: '',
  demo: false,
  text: '',
  notices: [],
  finishReason: null,
  usage: null,
  error: null,
  firstTokenMs: null,
  endedAt: null,
};

/** The answer after one more event. */
export function applyTurnEvent(state: TurnState, event: TurnEvent): TurnState {
  switch (event.kind) {
    case 'turn-start':
      return { ...state, status: 'running', model: event.model, demo: event.demo };
    case 'text-delta':
      return { ...state, text: state.text + event.text };
    case 'turn-notice':
      return { ...state, notices: [...state.notices, event.notice] };
    case 'turn-end': {
      const { kind: _kind, ...end } = event;
      return { ...state, ...end };
    }
    case 'turn-error':
      return { ...state, status: event.status, error: event.error, endedAt: event.endedAt };
  }
}
