import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { accentCss, accentVariables, contrast } from './accent.js';

const hex = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);

describe('accentVariables', () => {
  it('keeps a colour that white can be read on', () => {
    expect(accentVariables('#0b6e4f').light['--accent']).toBe('#0b6e4f');
  });

  it.each(['#ffe600', '#ffffff', '#000000', '#7f7f7f', '#ff0000', '#00ff00'])(
    'gives %s readable text in both themes',
    (color) => {
      const { light, dark } = accentVariables(color);

      for (const theme of [light, dark])
        expect(contrast(String(theme['--accent']), String(theme['--on-accent']))).toBeGreaterThanOrEqual(4.5);
    },
  );

  it('makes every pair of text and background readable, for any colour', () => {
    fc.assert(
      fc.property(hex, (color) => {
        const { light, dark } = accentVariables(color);
        for (const theme of [light, dark])
          for (const background of ['--accent', '--accent-hover'])
            expect(contrast(String(theme[background]), String(theme['--on-accent']))).toBeGreaterThanOrEqual(4.5);
        for (const surface of ['#ffffff', '#f0f0ee', String(light['--accent-soft'])])
          expect(contrast(String(light['--accent-text']), surface)).toBeGreaterThanOrEqual(4.5);
        for (const surface of ['#161617', '#2a2a2c', String(dark['--accent-soft'])])
          expect(contrast(String(dark['--accent-text']), surface)).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });

  it('answers a neutral scale to what is not a colour', () => {
    expect(accentVariables('red; } body { display: none')).toEqual(accentVariables('#4a4a48'));
  });
});

describe('accentCss', () => {
  it('names light, chosen dark and dark by the system', () => {
    const css = accentCss('#0b6e4f');

    expect(css).toMatch(/^:root\{--brand:#0b6e4f;/);
    expect(css).toContain('[data-theme=dark]{');
    expect(css).toContain('@media (prefers-color-scheme:dark){:root:not([data-theme=light]){');
  });
});
