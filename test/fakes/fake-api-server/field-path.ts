import type { FakeResource } from './fake-resource.js';

/** Segments as fieldsV1 writes them: `f:name`, `k:{"name":"x"}`, `v:"x"`, and `.` for an item itself. */
export type FieldPath = readonly string[];
export type Json = unknown;
export type JsonObject = Record<string, Json>;

const separator = '\u0001';
export const encodePath = (path: FieldPath): string => path.join(separator);
export const decodePath = (text: string): FieldPath => text.split(separator);

/** Maps that are one value, by field name. */
const atomicMaps = new Set([
  'selector',
  'podSelector',
  'namespaceSelector',
  'labelSelector',
  'nodeSelector',
  'roleRef',
]);

/** As it would be after a trip over the wire. */
export const copyOf = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

export const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function keysOfList(resource: FakeResource, names: readonly string[]): readonly string[] | null {
  const last = names.at(-1) ?? '';
  const two = names.slice(-2).join('.');
  return resource.listKeys[two] ?? resource.listKeys[last] ?? null;
}

const isSet = (names: readonly string[]) => names.at(-1) === 'finalizers';

/** Names of the maps on the way, without list items: what the table of lists is asked by. */
const namesOf = (path: FieldPath) => path.filter((one) => one.startsWith('f:')).map((one) => one.slice(2));

/** `k:{...}` of an item. A port without protocol is TCP, as the API server fills in. */
function itemKey(item: Json, keys: readonly string[]): string {
  const object = isObject(item) ? item : {};
  const pairs = [...keys].sort().map((key) => [key, object[key] ?? (key === 'protocol' ? 'TCP' : undefined)]);
  return `k:${JSON.stringify(Object.fromEntries(pairs))}`;
}

/** Every leaf of `value`, with what stands there. */
export function leavesOf(resource: FakeResource, value: Json, path: FieldPath = []): Map<string, Json> {
  const leaves = new Map<string, Json>();
  const add = (more: Map<string, Json>) => {
    for (const [key, one] of more) leaves.set(key, one);
  };
  const names = namesOf(path);
  const keys = keysOfList(resource, names);
  if (isObject(value) && Object.keys(value).length > 0 && !atomicMaps.has(names.at(-1) ?? '')) {
    for (const [name, child] of Object.entries(value)) add(leavesOf(resource, child, [...path, `f:${name}`]));
  } else if (Array.isArray(value) && value.length > 0 && isSet(names)) {
    for (const one of value) leaves.set(encodePath([...path, `v:${JSON.stringify(one)}`]), one);
  } else if (Array.isArray(value) && value.length > 0 && keys !== null) {
    for (const item of value) {
      const here = [...path, itemKey(item, keys)];
      leaves.set(encodePath([...here, '.']), null);
      add(leavesOf(resource, item, here));
    }
  } else if (path.length > 0) leaves.set(encodePath(path), value);
  return leaves;
}

/** The item of a list that `segment` names. */
function findItem(list: readonly Json[], segment: string): number {
  if (segment.startsWith('v:')) return list.findIndex((one) => `v:${JSON.stringify(one)}` === segment);
  const wanted = JSON.parse(segment.slice(2)) as JsonObject;
  return list.findIndex((one) => itemKey(one, Object.keys(wanted)) === segment);
}

/** Takes the leaf at `path` away, and what it leaves empty. */
export function removeLeaf(value: Json, path: FieldPath): void {
  const [head = '', ...rest] = path;
  if (Array.isArray(value)) {
    const index = findItem(value, head);
    if (index === -1) return;
    if (rest.length === 0 || rest[0] === '.') value.splice(index, 1);
    else removeLeaf(value[index], rest);
    return;
  }
  if (!isObject(value)) return;
  const name = head.slice(2);
  if (rest.length === 0) {
    delete value[name];
    return;
  }
  removeLeaf(value[name], rest);
  const left = value[name];
  if ((Array.isArray(left) && left.length === 0) || (isObject(left) && Object.keys(left).length === 0))
    delete value[name];
}

/** Merges `from` into `into`: maps by name, lists with identities by item, all else is replaced. */
export function mergeFields(resource: FakeResource, into: JsonObject, from: JsonObject, path: FieldPath = []): void {
  for (const [name, value] of Object.entries(from)) {
    const here = [...path, `f:${name}`];
    const before = into[name];
    if (isObject(value) && isObject(before) && !atomicMaps.has(name)) mergeFields(resource, before, value, here);
    else if (Array.isArray(value) && Array.isArray(before)) into[name] = mergeLists(resource, before, value, here);
    else into[name] = copyOf(value);
  }
}

function mergeLists(resource: FakeResource, before: Json[], from: readonly Json[], path: FieldPath): Json[] {
  const names = namesOf(path);
  const keys = keysOfList(resource, names);
  if (isSet(names)) return [...new Set([...before, ...from])];
  if (keys === null) return copyOf([...from]);
  const merged = [...before];
  for (const item of from) {
    const segment = itemKey(item, keys);
    const index = findItem(merged, segment);
    const old = merged[index];
    if (index === -1) merged.push(copyOf(item));
    else if (isObject(old) && isObject(item)) mergeFields(resource, old, item, [...path, segment]);
  }
  return merged;
}
