import { describe, expect, it } from '@jest/globals';
import { JsonMeter } from './json-meter.js';

const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };

function meter(text: string) {
  const made = new JsonMeter();
  for (let at = 0; at < text.length; at += 1_000) made.push(Buffer.from(text.slice(at, at + 1_000)));
  return made;
}

describe('metering a document', () => {
  const long = 'x'.repeat(50_000);
  it.each([
    ['at the end', JSON.stringify({ choices: [{ message: { content: long } }], usage })],
    ['at the start', JSON.stringify({ usage, choices: [{ message: { content: long } }] })],
    ['before timings', JSON.stringify({ choices: [{ message: { content: long } }], usage, timings: { a: [1, 2] } })],
    ['with details', JSON.stringify({ choices: [], usage: { ...usage, completion_tokens_details: { a: { b: 1 } } } })],
  ])('finds usage %s', (_case, text) => {
    expect(meter(text).usage()).toEqual({ promptTokens: 11, completionTokens: 7 });
  });

  it('is not fooled by an answer that talks of usage', () => {
    const content = 'Say "usage":{"prompt_tokens":1,"completion_tokens":1} and {"usage":{"prompt_tokens":2}}';

    expect(meter(JSON.stringify({ choices: [{ message: { content } }] })).usage()).toBeNull();
  });

  it('takes the embeddings form, without completion tokens', () => {
    expect(meter('{"data":[],"usage":{"prompt_tokens":3,"total_tokens":3}}').usage()).toEqual({
      promptTokens: 3,
      completionTokens: 0,
    });
  });
});
