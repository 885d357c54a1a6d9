import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { TurnEvent } from './chat-events.js';
import { applyTurnEvent, emptyTurn, receive, type Position } from './stream-reducer.js';

const at = (known: number, epoch: number | null = 0): Position => ({ epoch, known });
const frame = (from: number, events: string[], epoch = 0) => ({ epoch, from, to: from + events.length, events });

describe('receive', () => {
  it.each([
    ['applies the next range', at(2), frame(2, ['c', 'd']), 'apply'],
    ['drops an older range', at(4), frame(2, ['c', 'd']), 'drop'],
    ['asks again at a gap', at(1), frame(2, ['c']), 'resubscribe'],
    ['waits for the snapshot of another epoch', at(2), frame(2, ['c'], 1), 'wait'],
    ['takes the epoch of its first frame', at(0, null), frame(0, ['a'], 3), 'apply'],
  ])('%s', (_case, position, input, kind) => {
    expect(receive(position, input).kind).toBe(kind);
  });

  it('cuts the known part off a range that overlaps', () => {
    expect(receive(at(3), frame(2, ['c', 'd', 'e']))).toEqual({ kind: 'apply', position: at(5), events: ['d', 'e'] });
  });

  it('starts anew where a merged range cannot be cut', () => {
    expect(receive(at(3), { epoch: 0, from: 2, to: 5, events: ['cde'] }).kind).toBe('restart');
  });
});

/** A log of deltas, and a server that answers a subscription with all of the log from there on. */
function read(log: readonly string[], frames: readonly { from: number; to: number }[]): string {
  let position: Position = at(0, null);
  let text = '';
  const take = (from: number, to: number): void => {
    const step = receive(position, { epoch: 0, from, to, events: log.slice(from, to) });
    if (step.kind === 'apply') {
      position = step.position;
      text += step.events.join('');
    }
    if (step.kind === 'resubscribe') take(position.known, log.length);
  };
  for (const { from, to } of frames) take(from, to);
  take(position.known, log.length);
  return text;
}

describe('a reader of a lossy bus', () => {
  it('shows each event once and in order, whatever is lost, doubled or reordered', () => {
    const log = fc.array(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 40 });
    const cuts = fc.array(fc.tuple(fc.nat(40), fc.nat(10)), { maxLength: 60 });
    fc.assert(
      fc.property(log, cuts, (events, ranges) => {
        const frames = ranges.map(([start, length]) => {
          const from = Math.min(start, events.length);
          return { from, to: Math.min(from + length, events.length) };
        });

        expect(read(events, frames)).toBe(events.join(''));
      }),
    );
  });
});

describe('applyTurnEvent', () => {
  it('gathers text, notices and the end', () => {
    const events: TurnEvent[] = [
      { kind: 'turn-start', model: 'small', demo: false },
      { kind: 'text-delta', text: 'Good ' },
      { kind: 'turn-notice', notice: { kind: 'retried' } },
      { kind: 'text-delta', text: 'day' },
      {
        kind: 'turn-end',
        status: 'complete',
        finishReason: 'stop',
        usage: null,
        firstTokenMs: 12,
        endedAt: '2026-01-01T00:00:00Z',
      },
    ];

    const state = events.reduce(applyTurnEvent, emptyTurn);

    expect(state).toMatchObject({ text: 'Good day', status: 'complete', model: 'small', firstTokenMs: 12 });
    expect(state.notices).toEqual([{ kind: 'retried' }]);
    expect(state).not.toHaveProperty('kind');
  });

  it('keeps the text of an answer that broke off', () => {
    const error = { code: 'interrupted', message: 'm', action: 'a', retryable: true };

    const state = applyTurnEvent(
      { ...emptyTurn, text: 'half' },
      { kind: 'turn-error', status: 'interrupted', error, endedAt: '2026-01-01T00:00:00Z' },
    );

    expect(state).toMatchObject({ text: 'half', status: 'interrupted', error });
  });
});
