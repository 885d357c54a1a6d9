import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { healMarkdown } from './heal-markdown.js';

describe('healMarkdown', () => {
  it.each([
    ['closes open emphasis', 'a **bold wo', 'a **bold wo**'],
    ['drops emphasis that has no text yet', 'a **', 'a '],
    ['closes open code', 'run `npm i', 'run `npm i`'],
    ['holds half a link back', 'see [the docs](https://exa', 'see '],
    ['holds half an image back', 'see ![a cat', 'see '],
    ['holds a lone list mark back', 'a\n- ', 'a'],
    ['holds a table head back', 'a\n| x | y |', 'a'],
    ['shows a table from its delimiter on', '| x | y |\n| - | - |', '| x | y |\n| - | - |'],
    ['leaves open code blocks alone', '```js\nconst a = `b', '```js\nconst a = `b'],
    ['leaves whole text alone', 'a **b** `c` [d](https://e.f)', 'a **b** `c` [d](https://e.f)'],
  ])('%s', (_case, text, expected) => {
    expect(healMarkdown(text)).toBe(expected);
  });

  it('touches the end only', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (lines) => {
        const text = ['start', ...lines.map((line) => line.replaceAll(/[`~|\n]/g, ''))].join('\n');

        expect(healMarkdown(text).startsWith('start')).toBe(true);
      }),
    );
  });
});
