/** A colour in OKLCH: lightness 0 to 1, chroma, hue in degrees. */
interface Oklch {
  readonly lightness: number;
  readonly chroma: number;
  readonly hue: number;
}

type Rgb = readonly [number, number, number];

/** WCAG 2.2 success criterion 1.4.3, for text below 24 px. */
const textContrast = 4.5;

/** The surfaces accent-coloured text stands on; the darkest light one and the lightest dark one of the theme. */
const surfaces = { light: '#f0f0ee', dark: '#2a2a2c' } as const;

function channels(hex: string): Rgb {
  const value = /^#[0-9a-fA-F]{6}$/.test(hex) ? hex : '#4a4a48';
  const channel = (at: number): number => Number.parseInt(value.slice(at, at + 2), 16) / 255;
  return [channel(1), channel(3), channel(5)];
}

const toLinear = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const fromLinear = (value: number): number => (value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055);

function linearChannels(hex: string): Rgb {
  const [red, green, blue] = channels(hex);
  return [toLinear(red), toLinear(green), toLinear(blue)];
}

/** sRGB to OKLCH, with the matrices of https://bottosson.github.io/posts/oklab/. */
function toOklch(hex: string): Oklch {
  const [red, green, blue] = linearChannels(hex);
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const middle = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  const a = 1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short;
  const b = 0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short;
  return {
    lightness: 0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
    chroma: Math.hypot(a, b),
    hue: (Math.atan2(b, a) * 180) / Math.PI,
  };
}

function toLinearRgb({ lightness, chroma, hue }: Oklch): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short,
  ];
}

/** The colour as hex; chroma gives way until it fits into sRGB, so that hue and lightness stay. */
function toHex(color: Oklch): string {
  let fitted = color;
  while (fitted.chroma > 0.001 && toLinearRgb(fitted).some((value) => value < -0.001 || value > 1.001))
    fitted = { ...fitted, chroma: fitted.chroma * 0.96 };
  const digits = toLinearRgb(fitted).map((value) => {
    const byte = Math.round(fromLinear(Math.min(1, Math.max(0, value))) * 255);
    return byte.toString(16).padStart(2, '0');
  });
  return `#${digits.join('')}`;
}

function luminance(hex: string): number {
  const [red, green, blue] = linearChannels(hex);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast of two hex colours, 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrast(first: string, second: string): number {
  const [low = 0, high = 0] = [luminance(first), luminance(second)].toSorted((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** `color`, moved in lightness by `step` until `against` can be read on it, or it on `against`. */
function readable(color: Oklch, against: string, step: number): Oklch {
  let moved = color;
  while (contrast(toHex(moved), against) < textContrast && moved.lightness + step > 0 && moved.lightness + step < 1)
    moved = { ...moved, lightness: moved.lightness + step };
  return moved;
}

const white = '#ffffff';
const ink = '#161617';

/** A light brand colour (a yellow, a mint) keeps its look with dark text; others are darkened until white fits. */
function textOn(color: Oklch): string {
  return color.lightness > 0.72 ? ink : white;
}

function scale(color: Oklch, theme: 'light' | 'dark'): Record<string, string> {
  const on = textOn(color);
  const step = on === white ? -0.01 : 0.01;
  const solid = readable(color, on, step);
  const hover = { ...solid, lightness: Math.min(0.98, Math.max(0.05, solid.lightness + step * 5)) };
  const text = readable(color, surfaces[theme], theme === 'light' ? -0.01 : 0.01);
  const soft =
    theme === 'light'
      ? { ...color, lightness: 0.955, chroma: Math.min(color.chroma, 0.03) }
      : { ...color, lightness: 0.3, chroma: Math.min(color.chroma, 0.045) };
  return {
    '--accent': toHex(solid),
    '--accent-hover': toHex(hover),
    '--accent-soft': toHex(soft),
    '--accent-text': toHex(readable(text, toHex(soft), theme === 'light' ? -0.01 : 0.01)),
    '--on-accent': on,
  };
}

/**
 * The accent scale of a tenant's primary colour (`#rrggbb`; anything else gives a neutral grey) as CSS variables.
 * Text in `--on-accent` on `--accent` and `--accent-hover`, and `--accent-text` on every surface of the theme,
 * has a contrast of at least 4.5.
 */
export function accentVariables(primaryColor: string): {
  light: Record<string, string>;
  dark: Record<string, string>;
} {
  const color = toOklch(primaryColor);
  const inDark = { ...color, lightness: Math.max(color.lightness, 0.5) };
  return {
    light: { '--brand': toHex(color), ...scale(color, 'light') },
    dark: { '--brand': toHex(color), ...scale(inDark, 'dark') },
  };
}

function block(selector: string, variables: Record<string, string>): string {
  const body = Object.entries(variables).map(([name, value]) => `${name}:${value};`);
  return `${selector}{${body.join('')}}`;
}

/** The accent scale as the text of a style element: light, chosen dark, and dark by the system's wish. */
export function accentCss(primaryColor: string): string {
  const { light, dark } = accentVariables(primaryColor);
  const bySystem = block(':root:not([data-theme=light])', dark);
  return `${block(':root', light)}${block('[data-theme=dark]', dark)}@media (prefers-color-scheme:dark){${bySystem}}`;
}
