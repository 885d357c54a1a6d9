import { describe, expect, it } from '@jest/globals';
import { advance, emptyTurn, type TurnEvent, unseen } from './turn.js';

const delta = (text: string): TurnEvent => ({ kind: 'text-delta', text });

describe('advance', () => {
  it('gathers text, notices and the end', () => {
    const events: TurnEvent[] = [
      { kind: 'turn-start', model: 'm', demo: true },
      delta('one '),
      { kind: 'turn-notice', notice: { kind: 'retried' } },
      delta('two'),
      {
        kind: 'turn-end',
        status: 'complete',
        finishReason: 'stop',
        usage: null,
        firstTokenMs: 12,
        endedAt: '2026-01-01T00:00:00.000Z',
      },
    ];

    const state = events.reduce(advance, emptyTurn('asked'));

    expect(state).toMatchObject({
      status: 'complete',
      model: 'm',
      demo: true,
      text: 'one two',
      notices: [{ kind: 'retried' }],
      firstTokenMs: 12,
    });
  });

  it('keeps the text of an answer that failed', () => {
    const error = { code: 'interrupted', message: 'cut', action: 'Continue', retryable: true };

    const state = [delta('half'), { kind: 'turn-error', status: 'interrupted', error, endedAt: 'now' } as const].reduce(
      advance,
      emptyTurn('m'),
    );

    expect(state).toMatchObject({ status: 'interrupted', text: 'half', error });
  });
});

describe('unseen', () => {
  const range = { epoch: 0, from: 3, to: 6, events: [delta('d'), delta('e'), delta('f')] };

  it.each([
    ['all of a range that is new', 3, 3],
    ['the rest of one that overlaps', 5, 1],
    ['nothing of one that is known', 6, 0],
  ])('gives %s', (_case, known, count) => {
    expect(unseen(range, known)).toHaveLength(count);
  });
});
