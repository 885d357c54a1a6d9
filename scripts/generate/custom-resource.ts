import type { z } from 'zod';
import { stringify } from 'yaml';
import { manifestApiVersion, ManifestName } from '#libs/contracts/tenant-spec.js';
import { type SchemaNode, schemaNode } from './json-schema.js';

interface Column {
  readonly name: string;
  readonly type: 'string' | 'date' | 'integer' | 'boolean';
  readonly jsonPath: string;
  readonly description?: string;
  readonly priority?: number;
}

interface Definition {
  readonly kind: string;
  readonly plural: string;
  readonly shortName: string;
  readonly spec: z.ZodType;
  readonly columns: readonly Column[];
}

const ready: readonly Column[] = [
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: 'Status', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
];
const age: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/** Columns of `kubectl get wt`. */
export const tenantColumns: readonly Column[] = [
  ...ready,
  { name: 'Organisation', type: 'string', jsonPath: '.spec.displayName' },
  { name: 'Isolation', type: 'string', jsonPath: '.spec.isolation' },
  { name: 'Host', type: 'string', jsonPath: '.spec.domains[?(@.primary==true)].host' },
  age,
  { name: 'SSO', type: 'string', jsonPath: '.spec.sso.type', priority: 1 },
  { name: 'Suspended', type: 'boolean', jsonPath: '.spec.suspended', priority: 1 },
];

/** Columns of `kubectl get mb`. */
export const backendColumns: readonly Column[] = [
  ...ready,
  { name: 'Provider', type: 'string', jsonPath: '.spec.provider' },
  { name: 'URL', type: 'string', jsonPath: '.spec.url' },
  age,
];

/** Formats the API server checks by itself; beside them a pattern says the same in another tongue. */
const knownFormats = new Set(['uri', 'email']);

/**
 * `node` as a structural schema: an unknown field is pruned by the API server, so that
 * `additionalProperties: false`, which it refuses beside `properties`, is left out.
 */
function structural(node: SchemaNode): SchemaNode {
  const { additionalProperties: _closed, properties, items, pattern, ...rest } = node;
  return {
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

/** Form of `metav1.Condition`. */
const condition = {
  type: 'object',
  required: ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
  properties: {
    type: { type: 'string', maxLength: 316 },
    status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
    observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
    lastTransitionTime: { type: 'string', format: 'date-time' },
    reason: { type: 'string', minLength: 1, maxLength: 1024 },
    message: { type: 'string', maxLength: 32768 },
  },
} as const;

const status = {
  type: 'object',
  description: 'What was found; written by the platform.',
  properties: {
    observedGeneration: { type: 'integer', format: 'int64' },
    conditions: {
      type: 'array',
      items: condition,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    },
  },
} as const;

/** A cluster-scoped CustomResourceDefinition (apiextensions.k8s.io/v1) of one kind, made from its zod schema. */
export function customResource({ kind, plural, shortName, spec, columns }: Definition) {
  const [group = '', version = ''] = manifestApiVersion.split('/');
  const schema = structural(schemaNode(spec));
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
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: schema.description ?? `A ${kind}.`,
              required: ['spec'],
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object', properties: { name: structural(schemaNode(ManifestName)) } },
                spec: schema,
                status,
              },
            },
          },
        },
      ],
    },
  };
}

/** The file of a CustomResourceDefinition. */
export function definitionYaml(definition: Definition): string {
  const body = stringify(customResource(definition), { lineWidth: 0, aliasDuplicateObjects: false });
  return `# Made by \`npm run gen\` from libs/contracts/tenant-spec.ts. Change that, not this file.\n${body}`;
}
