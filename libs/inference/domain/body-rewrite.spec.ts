import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rewriteBody } from './body-rewrite.js';
import { scanBody } from './body-scan.js';

function rewrite(text: string, model: string, wantsUsage = true): string {
  const body = Buffer.from(text);
  const scan = scanBody(body);
  if (scan.kind !== 'fields') throw new Error('not scanned');
  return rewriteBody(body, scan.fields, { model, wantsUsage }).toString();
}

describe('rewriting a body', () => {
  it.each([
    ['nothing', '{"model":"m", "x":1}', 'm', '{"model":"m", "x":1}'],
    ['the model', '{"x":1, "model" : "a/m"}', 'm', '{"x":1, "model" : "m"}'],
    [
      'usage in a stream',
      '{"model":"m","stream":true}',
      'm',
      '{"stream_options":{"include_usage":true},"model":"m","stream":true}',
    ],
    [
      'usage that was switched off',
      '{"model":"m","stream":true,"stream_options":{"include_usage":false,"k":1}}',
      'm',
      '{"model":"m","stream":true,"stream_options":{"include_usage":true,"k":1}}',
    ],
    [
      'options that are null, and the model',
      '{"stream_options":null,"stream":true,"model":"a/m"}',
      'm',
      '{"stream_options":{"include_usage":true},"stream":true,"model":"m"}',
    ],
    [
      'nothing where the client asked for usage itself',
      '{"model":"m","stream":true,"stream_options":{"include_usage":true}}',
      'm',
      '{"model":"m","stream":true,"stream_options":{"include_usage":true}}',
    ],
  ])('changes %s', (_case, text, model, expected) => {
    expect(rewrite(text, model)).toBe(expected);
  });

  it('keeps every other field as it was', () => {
    const bodies = fc.record({
      messages: fc.jsonValue(),
      model: fc.constant('a/m'),
      stream: fc.boolean(),
      z: fc.jsonValue(),
    });
    fc.assert(
      fc.property(bodies, (value) => {
        const result = JSON.parse(rewrite(JSON.stringify(value), 'm')) as object;

        const added = value.stream ? { stream_options: { include_usage: true } } : {};
        expect(result).toEqual(JSON.parse(JSON.stringify({ ...added, ...value, model: 'm' })));
      }),
    );
  });
});
