import { z } from 'zod';

/** A rule in CEL, as a CustomResourceDefinition carries it. */
const Validation = z.object({ rule: z.string(), message: z.string() });

const Node = z.looseObject({
  type: z.enum(['object', 'array', 'string', 'integer', 'number', 'boolean']),
  description: z.string().optional(),
  get properties() {
    return z.record(z.string(), Node).optional();
  },
  get items() {
    return Node.optional();
  },
  required: z.array(z.string()).optional(),
  enum: z.array(z.string()).optional(),
  default: z.union([z.string(), z.boolean(), z.number(), z.looseObject({}), z.array(z.unknown())]).optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  minLength: z.int().optional(),
  maxLength: z.int().optional(),
  minItems: z.int().optional(),
  maxItems: z.int().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  'x-kubernetes-int-or-string': z.literal(true).optional(),
  'x-kubernetes-validations': z.array(Validation).optional(),
  'x-kubernetes-list-type': z.string().optional(),
  'x-kubernetes-list-map-keys': z.array(z.string()).optional(),
});

/** A part of a manifest's schema, in the forms that manifests use: no union, no reference, one type each. */
export type SchemaNode = z.infer<typeof Node>;

const isSaid = ([key, bound]: [string, unknown]) =>
  !(key === 'minimum' && bound === Number.MIN_SAFE_INTEGER) &&
  !(key === 'maximum' && bound === Number.MAX_SAFE_INTEGER);

/** The text form of a value that may be a number too, with the mark that says so. */
function textForm({ anyOf, ...rest }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const [text] = Array.isArray(anyOf) ? anyOf : [];
  return rest['x-kubernetes-int-or-string'] === true && typeof text === 'object'
    ? { ...text, ...rest }
    : { ...rest, ...(anyOf === undefined ? {} : { anyOf }) };
}

/** Leaves out what says nothing: zod bounds every integer by what a double can hold. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  const said = Object.entries(value).filter(isSaid);
  return textForm(Object.fromEntries(said.map(([key, child]) => [key, tidy(child)])));
}

/** The input side of `schema` as JSON schema. Throws where it uses a form that Kubernetes refuses. */
export function schemaNode(schema: z.ZodType): SchemaNode {
  const made = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', unrepresentable: 'any' });
  return Node.parse(tidy(made));
}
