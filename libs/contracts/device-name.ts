/** In the order in which they are looked for: most browsers also name the ones they descend from. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Headless)?(Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/\S+ (Mobile\/\S+ )?Safari\//, 'Safari'],
];

const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

/** A browser and its system, as the User-Agent header names them. */
export interface DeviceName {
  readonly browser: string | null;
  readonly system: string | null;
}

/** What of a User-Agent header means something to a person (RFC 9110, section 10.1.5); nulls for a program's. */
export function deviceName(userAgent: string): DeviceName {
  const find = (known: typeof browsers) => known.find(([form]) => form.test(userAgent))?.[1] ?? null;
  return { browser: find(browsers), system: find(systems) };
}
