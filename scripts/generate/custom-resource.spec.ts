import { describe, expect, it } from '@jest/globals';
import { evaluate } from '@marcbachmann/cel-js';
import { type CrdExample, crdExamples } from '#test/cluster/crd-examples.js';
import { customResource } from './custom-resource.js';
import { type SchemaNode } from './json-schema.js';
import { resourceKinds } from './resource-kinds.js';

const definitions = resourceKinds.map(customResource);
const schemas = new Map(
  definitions.map(({ spec }) => [spec.names.kind, spec.versions[0]?.schema.openAPIV3Schema as unknown as SchemaNode]),
);

/** What validation.go and schema/validation.go of apiextensions-apiserver refuse in a structural schema. */
const refused = [
  'additionalProperties',
  '$ref',
  '$schema',
  'id',
  'oneOf',
  'anyOf',
  'allOf',
  'not',
  'uniqueItems',
  'definitions',
];

interface Visited {
  readonly path: string;
  readonly node: SchemaNode;
}

function visit(path: string, node: SchemaNode): Visited[] {
  return [
    { path, node },
    ...Object.entries(node.properties ?? {}).flatMap(([name, child]) => visit(`${path}.${name}`, child)),
    ...(node.items === undefined ? [] : visit(`${path}[]`, node.items)),
  ];
}

const nodes = [...schemas].flatMap(([kind, schema]) => visit(kind, schema));

/** A rule at its place, and whether it holds. */
interface Asked {
  readonly rule: string;
  readonly message: string;
  readonly holds: boolean;
}

const fieldsOf = (value: unknown): ReadonlyMap<string, unknown> =>
  new Map(typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []);

/** Fills in defaults as the API server does before it asks the rules, to which whole numbers are whole numbers. */
function defaulted(node: SchemaNode, value: unknown): unknown {
  if (node.type === 'integer' && typeof value === 'number') return BigInt(value);
  if (value === undefined) return node.default === undefined ? undefined : defaulted(node, node.default);
  if (Array.isArray(value))
    return value.map((item: unknown) => (node.items === undefined ? item : defaulted(node.items, item)));
  if (typeof value !== 'object' || value === null) return value;
  const given = Object.entries(node.properties ?? {})
    .map(([name, child]): [string, unknown] => [name, defaulted(child, fieldsOf(value).get(name))])
    .filter(([, child]) => child !== undefined);
  return { ...value, ...Object.fromEntries(given) };
}

/** Asks every rule that reaches a value, as the API server would: those with `oldSelf` only where there was one. */
function ask(node: SchemaNode, path: string, self: unknown, oldSelf: unknown): Asked[] {
  if (self === undefined) return [];
  const own = (node['x-kubernetes-validations'] ?? [])
    .filter(({ rule }) => !rule.includes('oldSelf') || oldSelf !== undefined)
    .map(({ rule, message }) => ({
      rule: `${path}: ${rule}`,
      message,
      holds: evaluate(rule, { self, ...(oldSelf === undefined ? {} : { oldSelf }) }) === true,
    }));
  if (Array.isArray(self)) {
    const { items } = node;
    return [
      ...own,
      ...(items === undefined ? [] : self.flatMap((item: unknown) => ask(items, `${path}[]`, item, undefined))),
    ];
  }
  const children = Object.entries(node.properties ?? {}).flatMap(([name, child]) =>
    ask(child, `${path}.${name}`, fieldsOf(self).get(name), fieldsOf(oldSelf).get(name)),
  );
  return [...own, ...children];
}

function askExample({ kind, name, spec, before }: CrdExample): Asked[] {
  const schema = schemas.get(kind);
  if (schema === undefined) throw new Error(`no kind ${kind}`);
  const metadata = { name: name ?? (kind === 'WhisperPlatform' ? 'whisper' : 'acme') };
  const whole = (part: object) => defaulted(schema, { metadata, spec: part });
  return ask(schema, kind, whole(spec), before === undefined ? undefined : whole(before));
}

describe('the custom resource definitions', () => {
  it('hold nothing that a structural schema may not hold', () => {
    const faults = nodes.flatMap(({ path, node }) =>
      refused
        .filter((key) => key in node && !(key === 'anyOf' && node['x-kubernetes-int-or-string'] === true))
        .map((key) => `${path}: ${key}`),
    );

    expect(faults).toEqual([]);
  });

  it('give every field a type', () => {
    const untyped = nodes.filter(({ node }) => node.type === undefined && node['x-kubernetes-int-or-string'] !== true);

    expect(untyped.map(({ path }) => path)).toEqual([]);
  });

  it('have no pattern that RE2 refuses', () => {
    const faults = nodes.filter(({ node }) => /\(\?[=!<]|\\[1-9]/.test(node.pattern ?? '')).map(({ path }) => path);

    expect(faults).toEqual([]);
  });

  it('bound every list and text, so that each rule has a bounded cost', () => {
    const open = nodes
      .filter(({ path }) => path.includes('.spec') || path.includes('.status'))
      .filter(({ node }) => node.type === 'array' && node.maxItems === undefined)
      .map(({ path }) => path);

    expect(open).toEqual([]);
  });

  it('give every parent of a default a default of its own', () => {
    const parentOf = (path: string) => path.slice(0, path.lastIndexOf('.'));
    const byPath = new Map(nodes.map(({ path, node }) => [path, node]));
    const lost = nodes
      .filter(
        ({ path, node }) => node.default !== undefined && !path.includes('[]') && !parentOf(path).endsWith('.spec'),
      )
      .filter(({ path }) => {
        const parent = byPath.get(parentOf(path));
        const isRequired = byPath
          .get(parentOf(parentOf(path)))
          ?.required?.includes(parentOf(path).split('.').at(-1) ?? '');
        return parent?.default === undefined && isRequired !== true && !parentOf(path).endsWith('Ref');
      })
      .map(({ path }) => path);

    expect(lost).toEqual([]);
  });

  it('show and select only fields that are there', () => {
    const known = new Set(nodes.map(({ path }) => path));
    const unknown = resourceKinds.flatMap(({ kind, columns, selectable, scale }) =>
      [...columns.map(({ jsonPath }) => jsonPath), ...selectable, ...Object.values(scale ?? {})]
        .filter((path) => !path.startsWith('.metadata'))
        .map((path) => `${kind}${path.replace(/\[\?.*\]/, '[]')}`)
        .filter((path) => !known.has(path)),
    );

    expect(unknown).toEqual([]);
  });

  it('hold domains as a map by host, and status apart from spec', () => {
    const [domains] = nodes.filter(({ path }) => path === 'WhisperTenant.spec.domains');

    expect(domains?.node['x-kubernetes-list-map-keys']).toEqual(['host']);
    for (const { spec } of definitions) expect(spec.versions[0]?.subresources).toHaveProperty('status');
  });
});

describe('the CEL rules', () => {
  const zods = new Map(resourceKinds.map(({ kind, spec }) => [kind, spec]));

  it.each(crdExamples.map((example) => [`${example.kind}: ${example.title}`, example] as const))(
    'decide as they should: %s',
    (_title, example) => {
      const said = [...new Set(askExample(example).flatMap(({ holds, message }) => (holds ? [] : [message])))];

      expect(said).toEqual(example.refusedBy === undefined ? [] : [example.refusedBy]);
    },
  );

  it.each(
    crdExamples
      .filter(({ before, name }) => before === undefined && name === undefined)
      .map((example) => [`${example.kind}: ${example.title}`, example] as const),
  )('decide like zod: %s', (_title, { kind, spec, refusedBy }) => {
    expect(zods.get(kind)?.safeParse(spec).success).toBe(refusedBy === undefined);
  });

  it('hold for each default as it is written, which the API server asks before it fills in what is within', () => {
    const broken = nodes
      .filter(({ node }) => typeof node.default === 'object')
      .flatMap(({ path, node }) => ask(node, path, node.default, undefined))
      .filter(({ holds }) => !holds);

    expect(broken).toEqual([]);
  });

  it('are each held by one example and broken by another', () => {
    const asked = crdExamples.flatMap(askExample);
    const all = nodes.flatMap(({ path, node }) =>
      (node['x-kubernetes-validations'] ?? []).map(({ rule }) => `${path}: ${rule}`),
    );
    const untried = all.flatMap((rule) =>
      [true, false]
        .filter((holds) => !asked.some((one) => one.rule === rule && one.holds === holds))
        .map((holds) => `${rule} is never ${holds ? 'held' : 'broken'}`),
    );

    expect(untried).toEqual([]);
  });
});
