import { z } from 'zod';

/** A change of one field, and where it is seen: `configmap/tenant tenant.json manifest.displayName`. */
export interface FieldCase {
  /** Merge patch of `spec`. */
  readonly change: object;
  /** Object, then the path within it; `config` and `backends` are the files of the ConfigMap `tenant`. */
  readonly see: string;
  readonly is: unknown;
}

interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
}

function leavesOf({ properties, items }: JsonSchema, path: string): string[] {
  if (items?.properties !== undefined) return leavesOf(items, `${path}[]`);
  if (properties === undefined) return [path];
  return Object.entries(properties).flatMap(([name, field]) => leavesOf(field, path === '' ? name : `${path}.${name}`));
}

/** Every field of a schema that somebody can set, as `sso.groupRoleMap[].role`. */
export function fieldsOf(schema: z.ZodType): string[] {
  return leavesOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema, '');
}

/** What stands at a path such as `spec.rules.0.host`. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((here, name) => {
    if (typeof here !== 'object' || here === null) return undefined;
    return new Map<string, unknown>(Object.entries(here)).get(name.replaceAll('%', '.'));
  }, value);
}

/** `value` at a field, as a merge patch: `a.b[].c` is within `{ a: { b: [{ c }] } }`. */
export function patchOf(field: string, value: unknown): object {
  return field.split('.').reduceRight<unknown>((inner, part) => {
    const name = part.replace('[]', '');
    return { [name]: name === part ? inner : [inner] };
  }, value) as object;
}

/** A case whose change is the field's value and nothing else; what is seen is the value itself, unless `is` says so. */
export function field(name: string, value: unknown, see: string, is: unknown = value): [string, FieldCase] {
  return [name, { change: patchOf(name, value), see, is }];
}

/** A case that must change more than the field. */
export function fields(name: string, change: object, see: string, is: unknown): [string, FieldCase] {
  return [name, { change, see, is }];
}
