import type { z } from 'zod';
import { stringify } from 'yaml';
import { manifestApiVersion, ManifestName } from '#libs/contracts/manifest-parts.js';
import { type SchemaNode, schemaNode } from './json-schema.js';

/** A column of `kubectl get`; those with a priority stand only in the wide form. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'date' | 'integer' | 'boolean';
  readonly jsonPath: string;
  readonly priority?: number;
}

/** What makes a kind of object of the cluster. */
export interface Definition {
  readonly kind: string;
  readonly plural: string;
  readonly shortName: string;
  /** One line for people. */
  readonly about: string;
  /** File of the schema. */
  readonly source: string;
  readonly spec: z.ZodType;
  readonly status: z.ZodType;
  readonly columns: readonly Column[];
  /** Paths that `kubectl get --field-selector` and a watch may select by. */
  readonly selectable: readonly string[];
  /** Paths of the scale subresource, where there is one. */
  readonly scale?: {
    readonly specReplicasPath: string;
    readonly statusReplicasPath: string;
    readonly labelSelectorPath: string;
  };
  /** The one name an object of this kind may have. */
  readonly onlyName?: string;
}

/** Formats the API server checks by itself; beside them a pattern says the same in another tongue. */
const knownFormats = new Set(['uri', 'email', 'date-time']);

/**
 * `node` as a structural schema: an unknown field is pruned by the API server, so that
 * `additionalProperties: false`, which it refuses beside `properties`, is left out.
 */
function structural(node: SchemaNode): object {
  const { additionalProperties: _closed, properties, items, pattern, type, maxLength, ...rest } = node;
  const isEither = node['x-kubernetes-int-or-string'] === true;
  return {
    // A value of two types has none, and no bound that holds for one of them only.
    ...(isEither ? { anyOf: [{ type: 'integer' }, { type: 'string' }] } : { type }),
    ...(maxLength === undefined || isEither ? {} : { maxLength }),
    ...rest,
    ...(pattern === undefined || knownFormats.has(node.format ?? '') ? {} : { pattern }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, structural(child)])),
        }),
    ...(items === undefined ? {} : { items: structural(items) }),
  };
}

/** The whole object's schema (`openAPIV3Schema`). */
function objectSchema({ about, spec, status, onlyName }: Definition) {
  return {
    type: 'object',
    description: about,
    required: ['spec'],
    ...(onlyName === undefined
      ? {}
      : {
          'x-kubernetes-validations': [
            { rule: `self.metadata.name == '${onlyName}'`, message: `there is one of this kind, named ${onlyName}` },
          ],
        }),
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object', properties: { name: structural(schemaNode(ManifestName)) } },
      spec: structural(schemaNode(spec)),
      status: structural(schemaNode(status)),
    },
  };
}

/** A cluster-scoped CustomResourceDefinition (apiextensions.k8s.io/v1) of one kind, made from its zod schema. */
export function customResource(definition: Definition) {
  const { kind, plural, shortName, columns, selectable, scale } = definition;
  const [group = '', version = ''] = manifestApiVersion.split('/');
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Cluster',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames: [shortName],
        categories: ['whisper'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {}, ...(scale === undefined ? {} : { scale }) },
          ...(selectable.length === 0 ? {} : { selectableFields: selectable.map((jsonPath) => ({ jsonPath })) }),
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: objectSchema(definition) },
        },
      ],
    },
  };
}

/** The file of a CustomResourceDefinition. */
export function definitionYaml(definition: Definition): string {
  const body = stringify(customResource(definition), { lineWidth: 0, aliasDuplicateObjects: false });
  return `# Made by \`npm run gen\` from ${definition.source}. Change that, not this file.\n${body}`;
}
