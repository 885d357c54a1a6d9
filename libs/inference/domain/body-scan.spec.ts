import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { scanBody } from './body-scan.js';

const scan = (text: string) => scanBody(Buffer.from(text));
const parses = (text: string) => {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
};

/** White space between tokens, escapes where none are needed: other spellings of the same document. */
const spelled = fc
  .tuple(
    fc.record(
      {
        model: fc.stringMatching(/^[a-z][a-z0-9/.-]{0,20}$/),
        stream: fc.constantFrom(true, false, null),
        max_tokens: fc.option(fc.nat()),
        max_completion_tokens: fc.option(fc.nat()),
        n: fc.constantFrom(1, 2, 128, null),
        stream_options: fc.constantFrom(null, {}, { include_usage: true }, { include_usage: false, other: '"}' }),
        messages: fc.jsonValue(),
        'mod\\el': fc.jsonValue(),
        metadata: fc.record({ model: fc.string(), stream: fc.jsonValue() }),
      },
      { requiredKeys: ['model'] },
    ),
    fc.constantFrom(undefined, 1, '\t', '\r\n '),
  )
  .map(([value, indent]) => ({ value, text: JSON.stringify(value, null, indent) }));

describe('scanning a body', () => {
  it('reads the same as JSON.parse, however the document is written', () => {
    fc.assert(
      fc.property(spelled, ({ value, text }) => {
        const result = scan(text);

        if (result.kind !== 'fields') throw new Error(JSON.stringify(result));
        const { fields } = result;
        expect(fields.model).toBe(value.model);
        expect(fields.stream).toBe(value.stream === true);
        expect(fields.maxTokens).toBe(value.max_completion_tokens ?? value.max_tokens ?? null);
        expect(fields.n).toBe(value.n ?? 1);
        expect(fields.streamOptions).toEqual(value.stream_options ?? null);
        const { start, end } = fields.modelSpan;
        expect(JSON.parse(Buffer.from(text).toString('utf8', start, end))).toBe(value.model);
      }),
      { numRuns: 500 },
    );
  });

  it('takes for JSON exactly what JSON.parse takes for JSON', () => {
    const broken = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', '"', '\\', '{', ']', ',', ':', '0', '-', '.', 'e', '\n', 'u', '\u0001'),
      )
      .map(([text, at, insert]) => {
        const cut = at % (text.length + 1);
        return text.slice(0, cut) + insert + text.slice(cut + (insert === '' ? 1 : 0));
      });
    const any = fc.oneof(fc.json(), broken).map((text) => `{"model":"m","rest":${text}}`);
    fc.assert(
      fc.property(any, (text) => {
        const result = scan(text);
        const isJson = parses(text) !== null;
        // A document that JSON.parse reads may still say a thing twice, which we refuse for another reason.
        expect(result.kind === 'invalid-json').toBe(!isJson);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never fails on bytes of any kind', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void scanBody(Buffer.from(bytes))));
  });

  it.each([
    ['an array', '[]'],
    ['nothing', ''],
    ['white space', '  '],
    ['text after the end', '{"model":"m"} x'],
    ['a second document', '{"model":"m"}{"model":"n"}'],
    ['a byte order mark', '\uFEFF{"model":"m"}'],
    ['a comma at the end', '{"model":"m",}'],
    ['a leading zero', '{"model":"m","n":01}'],
    ['a bare control character', '{"model":"m\u0001"}'],
    ['an unknown escape', '{"model":"\\x41"}'],
    ['nesting without end', `{"model":"m","a":${'['.repeat(100_000)}`],
  ])('calls %s no JSON object', (_case, text) => {
    expect(scan(text).kind).toBe('invalid-json');
  });

  it.each([
    ['a key that stands twice', '{"model":"a","model":"b"}', 'model'],
    ['the same key in other words', '{"model":"a","mod\\u0065l":"b"}', 'model'],
    ['any other key that stands twice', '{"model":"a","messages":[],"messages":[]}', 'messages'],
    ['no model', '{"messages":[]}', 'model'],
    ['a model that is no text', '{"model":7}', 'model'],
    ['a model that is no id', '{"model":"../etc"}', 'model'],
    ['a stream that is no yes or no', '{"model":"m","stream":"true"}', 'stream'],
    ['half a token', '{"model":"m","max_tokens":0.5}', 'max_tokens'],
    ['fewer than no tokens', '{"model":"m","max_tokens":-1}', 'max_tokens'],
    ['no choice', '{"model":"m","n":0}', 'n'],
    ['options that are a list', '{"model":"m","stream_options":[]}', 'stream_options'],
  ])('refuses %s and names the field', (_case, text, field) => {
    expect(scan(text)).toMatchObject({ kind: 'invalid-field', field });
  });
});
