import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cleanLogo } from './clean-logo.js';
import { sanitiseSvg } from './sanitise-svg.js';

const ns = 'xmlns="http://www.w3.org/2000/svg"';

describe('an SVG', () => {
  it('keeps shapes, gradients and text', () => {
    const logo = `<svg ${ns} viewBox="0 0 10 10"><defs><linearGradient id="g"><stop offset="0" stop-color="#fff"/></linearGradient></defs><path d="M0 0L9 9" fill="url(#g)"/><text x="1">A&amp;B</text></svg>`;

    expect(sanitiseSvg(logo)).toBe(logo.replace('&amp;', '&#38;'));
  });

  it.each([
    ['a script', '<script>alert(1)</script>'],
    ['a script in another namespace', '<x:script xmlns:x="http://www.w3.org/2000/svg">alert(1)</x:script>'],
    ['an event handler', '<path onload="alert(1)" d="M0 0"/>'],
    ['a link', '<a href="javascript:alert(1)"><path d="M0 0"/></a>'],
    ['an image', '<image href="https://evil.example/x.png"/>'],
    ['foreign content', '<foreignObject><body><iframe src="https://evil.example"/></body></foreignObject>'],
    ['an animation', '<animate attributeName="href" to="javascript:alert(1)"/>'],
    ['a style element', '<style>@import url(https://evil.example)</style>'],
    ['a style attribute', '<path style="background:url(https://evil.example)" d="M0 0"/>'],
    ['a paint from elsewhere', '<path fill="url(https://evil.example/#a)" d="M0 0"/>'],
    ['an escaped paint from elsewhere', '<path fill="u&#114;l(&#104;ttps://evil.example)" d="M0 0"/>'],
    ['a use that multiplies', '<g id="a"><use href="#a"/></g>'],
  ])('loses %s', (_case, part) => {
    const clean = sanitiseSvg(`<svg ${ns}>${part}</svg>`);

    expect(clean).not.toMatch(/script|alert|evil|onload|href|iframe|animate|style|<use|<image|url/i);
  });

  it.each([
    ['a DOCTYPE', `<!DOCTYPE svg [<!ENTITY a "b">]><svg ${ns}>&a;</svg>`],
    ['an unknown entity', `<svg ${ns}><text>&nbsp;</text></svg>`],
    ['a CDATA section', `<svg ${ns}><text><![CDATA[<script>]]></text></svg>`],
    ['no end', `<svg ${ns}><g>`],
    ['tags that cross', `<svg ${ns}><g><text></g></text></svg>`],
    ['an attribute without quotes', `<svg ${ns}><path d=M0/></svg>`],
    ['an attribute twice', `<svg ${ns}><path d="" d=""/></svg>`],
    ['something after the end', `<svg ${ns}></svg><script/>`],
    ['another root', '<html></html>'],
    ['too much depth', `<svg ${ns}>${'<g>'.repeat(100)}${'</g>'.repeat(100)}</svg>`],
  ])('is refused with %s', (_case, source) => {
    expect(() => sanitiseSvg(source)).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });

  it('comes out clean or not at all, whatever goes in', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '/',
      '"',
      "'",
      '=',
      ' ',
      '&',
      '#',
      ';',
      'svg',
      'g',
      'path',
      'script',
      'onload',
      'd',
      'fill',
      'url(',
      ')',
      'javascript:',
      '<!--',
      '-->',
      '<svg>',
      '</svg>',
      '<g>',
      '</g>',
      '&lt;',
      '&#60;',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        let clean: string;
        try {
          clean = sanitiseSvg(`<svg>${pieces.join('')}</svg>`);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad_request' });
          return;
        }
        expect(clean).not.toMatch(/<\s*script|<[^>]*\son\w+\s*=|<[^>]*javascript:/i);
        expect(sanitiseSvg(clean)).toBe(clean);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a logo', () => {
  it('must be what it says', () => {
    expect(() => cleanLogo(`data:image/png;base64,${Buffer.from('<svg/>').toString('base64')}`)).toThrow('is no PNG');
    expect(() => cleanLogo('data:text/html;base64,AAAA')).toThrow('data URI');
  });

  it('is stored sanitised', () => {
    const svg = Buffer.from(`<svg ${ns}><script>1</script><g/></svg>`).toString('base64');

    const clean = cleanLogo(`data:image/svg+xml;base64,${svg}`);

    expect(Buffer.from(clean.split(',')[1] ?? '', 'base64').toString()).toBe(`<svg ${ns}><g/></svg>`);
  });
});
