import { ScimError } from './scim-error.js';
import { fits, isObject, keyOf, readPath, type ScimPath } from './scim-path.js';

/** One operation of a PATCH (RFC 7644, 3.5.2), in the forms that Okta and Entra send. */
export interface ScimOperation {
  readonly op: string;
  readonly path?: string | undefined;
  readonly value?: unknown;
}

type Resource = Record<string, unknown>;

/**
 * The resource after the operations. Names of operations and attributes know no case; a value without a path holds an
 * attribute, or the path of one, in each key.
 * @throws {ScimError} invalidPath, invalidSyntax, noTarget
 */
export function patched(resource: Readonly<Resource>, operations: readonly ScimOperation[]): Resource {
  const result = structuredClone(resource);
  for (const { op, path, value } of operations) {
    const verb = op.toLowerCase();
    if (verb !== 'add' && verb !== 'replace' && verb !== 'remove')
      throw new ScimError('bad_request', `There is no operation ${op}.`, 'invalidSyntax');
    if (path !== undefined && path !== '') apply(result, verb, readPath(path), value);
    else if (verb === 'remove') throw new ScimError('bad_request', 'To remove takes a path.', 'noTarget');
    else if (!isObject(value)) throw new ScimError('bad_request', 'The value has to be an object.', 'invalidSyntax');
    else for (const [key, inner] of Object.entries(value)) apply(result, verb, readPath(key), inner);
  }
  return result;
}

type Verb = 'add' | 'replace' | 'remove';

function apply(resource: Resource, verb: Verb, path: ScimPath, value: unknown): void {
  const target = path.extension === null ? resource : childOf(resource, path.extension);
  if (path.attribute === '') {
    if (verb === 'remove') delete resource[keyOf(resource, path.extension ?? '') ?? ''];
    else if (isObject(value)) for (const [key, inner] of Object.entries(value)) set(target, verb, key, inner);
    return;
  }
  if (path.where !== null) inList(target, verb, { ...path, where: path.where }, value);
  else if (path.sub !== null) set(childOf(target, path.attribute), verb, path.sub, value);
  else set(target, verb, path.attribute, value);
}

function childOf(resource: Resource, name: string): Resource {
  const key = keyOf(resource, name) ?? name;
  const known = resource[key];
  if (isObject(known)) return known;
  const made: Resource = {};
  resource[key] = made;
  return made;
}

function set(target: Resource, verb: Verb, name: string, value: unknown): void {
  const key = keyOf(target, name) ?? name;
  const known = target[key];
  if (verb === 'remove') {
    // Entra names the members to take away in the value, not in the path.
    if (Array.isArray(known) && Array.isArray(value)) target[key] = known.filter((one) => !isAmong(value, one));
    else delete target[key];
    return;
  }
  if (verb === 'add' && Array.isArray(known)) {
    const added = (Array.isArray(value) ? value : [value]).filter((one) => !isAmong(known, one));
    target[key] = [...known, ...added];
    return;
  }
  target[key] = verb === 'add' && isObject(known) && isObject(value) ? { ...known, ...value } : value;
}

function isAmong(list: readonly unknown[], value: unknown): boolean {
  return list.some((one) => idOf(one) === idOf(value));
}

/** What tells values of a list apart. */
function idOf(value: unknown): string {
  if (!isObject(value)) return JSON.stringify(value);
  const inner = value[keyOf(value, 'value') ?? ''];
  const type = value[keyOf(value, 'type') ?? ''];
  return `${JSON.stringify(inner)} ${JSON.stringify(type)}`.toLowerCase();
}

/** Values of a list that a filter names. What is set and not there is made, as Entra expects it. */
function inList(
  target: Resource,
  verb: Verb,
  { attribute, where, sub }: ScimPath & { readonly where: NonNullable<ScimPath['where']> },
  value: unknown,
): void {
  const key = keyOf(target, attribute) ?? attribute;
  const known: unknown[] = Array.isArray(target[key]) ? target[key] : [];
  if (verb === 'remove' && sub === null) {
    target[key] = known.filter((one) => !fits(one, where));
    return;
  }
  const chosen = known.filter((one): one is Resource => isObject(one) && fits(one, where));
  if (chosen.length === 0 && verb !== 'remove') {
    const made: Resource = Object.fromEntries(where.map(({ attribute: name, value: wanted }) => [name, wanted]));
    known.push(made);
    chosen.push(made);
  }
  for (const one of chosen)
    if (sub !== null) set(one, verb, sub, value);
    else if (isObject(value)) Object.assign(one, value);
  target[key] = known;
}
