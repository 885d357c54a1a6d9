import { amountOf } from './resources/quantity.js';

/** The API server writes quantities its own way: `0.5` comes back as `500m`. */
function isSameAmount(wanted: unknown, live: unknown): boolean {
  const amount = amountOf(wanted);
  return amount !== null && amount === amountOf(live);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

/**
 * The path of the first field that `live` lacks or has otherwise than `wanted`; null where it holds all of `wanted`.
 * What `live` has beside it is not looked at: defaults of the API server, and fields of other managers.
 */
export function difference(wanted: unknown, live: unknown, path = ''): string | null {
  if (Object.is(wanted, live) || (isEmpty(wanted) && isEmpty(live))) return null;
  if (Array.isArray(wanted)) {
    if (!Array.isArray(live) || live.length !== wanted.length) return path;
    return first(wanted.map((item, index) => () => difference(item, live[index], `${path}[${index}]`)));
  }
  if (typeof wanted !== 'object' || wanted === null) return isSameAmount(wanted, live) ? null : path;
  if (typeof live !== 'object' || live === null) return path;
  const fields = new Map(Object.entries(live));
  return first(
    Object.entries(wanted).map(
      ([name, value]) =>
        () =>
          difference(value, fields.get(name), path === '' ? name : `${path}.${name}`),
    ),
  );
}

function first(looks: readonly (() => string | null)[]): string | null {
  for (const look of looks) {
    const found = look();
    if (found !== null) return found;
  }
  return null;
}
