import { ScimError } from './scim-error.js';

/** One comparison of a filter. `eq` is the only one that directories use to find people and groups. */
export interface ScimComparison {
  /** Lower case: names of attributes know no case. */
  readonly attribute: string;
  readonly value: string | boolean | null;
}

/** Where an operation of a PATCH points to. */
export interface ScimPath {
  /** The extension that the attribute belongs to; null: the core schema. */
  readonly extension: string | null;
  readonly attribute: string;
  /** Which values of a list; null: all. */
  readonly where: readonly ScimComparison[] | null;
  readonly sub: string | null;
}

const coreSchema = /^urn:ietf:params:scim:schemas:core:2\.0:(user|group):/i;
const extensionPath = /^(urn:ietf:params:scim:schemas:extension:[\w.:-]+?:(?:user|group))(?::(.+))?$/i;
const plainPath = /^([a-z$][\w$-]*)(?:\[(.+)\])?(?:\.([a-z$][\w$-]*))?$/i;
const comparison = /^([a-z$][\w$.:-]*)\s+eq\s+("(?:[^"\\]|\\.)*"|true|false|null)$/i;

/** @throws {ScimError} invalidFilter for anything but `attribute eq value`, joined by `and` */
export function readFilter(filter: string): readonly ScimComparison[] {
  return splitByAnd(filter.trim()).map((part) => {
    const [, attribute, literal] = comparison.exec(part.trim()) ?? [];
    if (attribute === undefined || literal === undefined)
      throw new ScimError(
        'bad_request',
        'Only filters of the form `attribute eq "value"` are understood.',
        'invalidFilter',
      );
    return { attribute: attribute.replace(coreSchema, '').toLowerCase(), value: valueOf(literal) };
  });
}

function valueOf(literal: string): ScimComparison['value'] {
  try {
    return JSON.parse(/^["]/.test(literal) ? literal : literal.toLowerCase()) as ScimComparison['value'];
  } catch {
    throw new ScimError('bad_request', 'The value of the filter is no JSON text.', 'invalidFilter');
  }
}

/** Splits at `and` outside of quotes. */
function splitByAnd(filter: string): readonly string[] {
  const pieces = filter.match(/"(?:[^"\\]|\\.)*"|\s+and\s+|[^"\s]+|\s+/gi) ?? [];
  const parts = [''];
  for (const piece of pieces)
    if (/^\s+and\s+$/i.test(piece)) parts.push('');
    else parts.push((parts.pop() ?? '') + piece);
  return parts;
}

/** @throws {ScimError} invalidPath */
export function readPath(path: string): ScimPath {
  const [, extension, inner] = extensionPath.exec(path) ?? [];
  if (extension !== undefined && inner === undefined) return { extension, attribute: '', where: null, sub: null };
  const [, attribute, where, sub] = plainPath.exec(inner ?? path.replace(coreSchema, '')) ?? [];
  if (attribute === undefined) throw new ScimError('bad_request', `The path ${path} is not understood.`, 'invalidPath');
  return {
    extension: extension ?? null,
    attribute,
    where: where === undefined ? null : readFilter(where),
    sub: sub ?? null,
  };
}

/** The value of a key, whatever its case. */
export function keyOf(object: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const lower = name.toLowerCase();
  return Object.keys(object).find((key) => key.toLowerCase() === lower);
}

/** Whether a value of a list is meant. Texts are compared without case, `true` also as text: Entra sends both. */
export function fits(value: unknown, where: readonly ScimComparison[]): boolean {
  return where.every(({ attribute, value: wanted }) => {
    const found = isObject(value) ? value[keyOf(value, attribute) ?? ''] : attribute === 'value' ? value : undefined;
    return textOf(found) === textOf(wanted);
  });
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value.toLowerCase();
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
