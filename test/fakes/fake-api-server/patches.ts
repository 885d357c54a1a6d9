import { isDeepStrictEqual } from 'node:util';
import { ApiFailure } from './api-status.js';
import { type Json, type JsonObject, copyOf, isObject } from './field-path.js';

/** RFC 7386. */
export function mergePatch(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = mergePatch(result[name], value);
  }
  return result;
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: Json;
}

/** RFC 6902: add, remove, replace and test. @throws {ApiFailure} 422 */
export function jsonPatch(target: JsonObject, operations: readonly Operation[]): JsonObject {
  const result = copyOf(target);
  for (const { op, path, value } of operations) {
    const parts = path
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = parts.pop() ?? '';
    const parent = parts.reduce<Json>((node, part) => (node as JsonObject | undefined)?.[part], result);
    if (typeof parent !== 'object' || parent === null) throw unprocessable(`no place ${path}`);
    step(parent as JsonObject | Json[], last, { op, path, value });
  }
  return result;
}

function step(parent: JsonObject | Json[], last: string, { op, path, value }: Operation): void {
  const present = (parent as JsonObject)[last];
  if (op === 'test') {
    if (!isDeepStrictEqual(present, value)) throw unprocessable(`test of ${path} failed`);
  } else if (op === 'add' && Array.isArray(parent)) {
    parent.splice(last === '-' ? parent.length : Number(last), 0, value);
  } else if (op === 'add' || (op === 'replace' && present !== undefined)) {
    (parent as JsonObject)[last] = value;
  } else if (op === 'remove' && present !== undefined) {
    if (Array.isArray(parent)) parent.splice(Number(last), 1);
    else delete parent[last];
  } else throw unprocessable(`cannot ${op} ${path}`);
}

const unprocessable = (words: string) =>
  new ApiFailure(422, 'Invalid', `the server rejected our request due to an error in our request: ${words}`);
