import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SseMeter } from './sse-meter.js';

const delta = (text: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: text } }] })}`;
const finish = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}';
const usageOf = (prompt: number, completion: number) =>
  `data: {"choices":[],"usage":{"prompt_tokens":${prompt},"completion_tokens":${completion},"total_tokens":0,"prompt_tokens_details":{"cached_tokens":1}}}`;
const done = 'data: [DONE]';

/** Runs `bytes` through a meter in pieces that end at `cuts`. */
function relay(bytes: Buffer, cuts: readonly number[], dropsUsage: boolean) {
  const meter = new SseMeter(dropsUsage);
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const passed: Buffer[] = [];
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    if (end === start) continue;
    const out = meter.push(bytes.subarray(start, end));
    if (out !== null) passed.push(out);
    start = end;
  }
  const rest = meter.end();
  if (rest !== null) passed.push(rest);
  return { meter, text: Buffer.concat(passed).toString() };
}

const streams = fc.record({
  words: fc.array(
    fc.oneof(fc.string(), fc.constantFrom('"usage"', '\n\ndata: x', '"usage":{"prompt_tokens":1}', 'ü😀')),
    {
      maxLength: 30,
    },
  ),
  cuts: fc.array(fc.nat(4_000), { maxLength: 40 }),
  line: fc.constantFrom('\n', '\r\n'),
  prompt: fc.nat(100_000),
});

describe('metering a stream', () => {
  it('passes a stream on byte for byte, in whatever pieces it comes, and reads its usage', () => {
    fc.assert(
      fc.property(streams, ({ words, cuts, line, prompt }) => {
        const events = [...words.map(delta), finish, usageOf(prompt, words.length), done];
        const bytes = Buffer.from(events.map((event) => event + line + line).join(''));

        const { meter, text } = relay(bytes, cuts, false);

        expect(text).toBe(bytes.toString());
        expect(meter.usage()).toEqual({ promptTokens: prompt, completionTokens: words.length });
        expect(meter.isComplete()).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('drops the usage event, and nothing else, where the client did not ask for it', () => {
    fc.assert(
      fc.property(streams, ({ words, cuts, line, prompt }) => {
        const told = [...words.map(delta), finish];
        const write = (events: readonly string[]) => events.map((event) => event + line + line).join('');
        const bytes = Buffer.from(write([...told, usageOf(prompt, words.length), done]));

        const { meter, text } = relay(bytes, cuts, true);

        expect(text).toBe(write([...told, done]));
        expect(meter.usage()).toEqual({ promptTokens: prompt, completionTokens: words.length });
      }),
      { numRuns: 300 },
    );
  });

  it('keeps an event that has usage beside text', () => {
    const both =
      'data: {"choices":[{"index":0,"delta":{"content":"x"}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n';

    const { text, meter } = relay(Buffer.from(both + `${done}\n\n`), [], true);

    expect(text).toContain(both);
    expect(meter.usage()).toEqual({ promptTokens: 1, completionTokens: 2 });
  });

  it.each([
    ['a negative count', usageOf(-1, 2)],
    ['a fraction', 'data: {"choices":[],"usage":{"prompt_tokens":1.5,"completion_tokens":2}}'],
    ['a text', 'data: {"choices":[],"usage":{"prompt_tokens":"1","completion_tokens":2}}'],
    ['an absurd count', usageOf(1, 9e15)],
    ['null', 'data: {"choices":[],"usage":null}'],
    ['nothing', ''],
  ])('believes no usage that is %s', (_case, event) => {
    const { meter } = relay(Buffer.from(`${delta('a')}\n\n${event}\n\n${done}\n\n`), [], false);

    expect(meter.usage()).toBeNull();
  });

  it('counts what was delivered when the end is missing', () => {
    const { meter } = relay(
      Buffer.from([delta('a'), delta('b'), delta('c')].map((e) => `${e}\n\n`).join('')),
      [7, 90],
      false,
    );

    expect(meter.deliveredTokens()).toBe(3);
    expect(meter.isComplete()).toBe(false);
  });

  it('stays within bounds when an event never ends', () => {
    const meter = new SseMeter(true);
    const piece = Buffer.alloc(65_536, 0x61);
    let passed = 0;
    for (let times = 0; times < 64; times += 1) passed += meter.push(piece)?.length ?? 0;
    passed += meter.end()?.length ?? 0;

    expect(passed).toBe(64 * piece.length);
  });
});
