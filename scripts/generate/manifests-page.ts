import { manifestApiVersion, ManifestName } from '#libs/contracts/manifest-parts.js';
import type { Definition } from './custom-resource.js';
import { type SchemaNode, schemaNode } from './json-schema.js';
import { cell, code, page, table } from './markdown.js';
import { resourceKinds } from './resource-kinds.js';

function boundsOf(node: SchemaNode): string {
  const range = (low: number | undefined, high: number | undefined, unit: string) => {
    if (low === undefined && high === undefined) return [];
    if (low === undefined) return [`at most ${high}${unit}`];
    return high === undefined ? [`at least ${low}${unit}`] : [`${low} to ${high}${unit}`];
  };
  return [
    ...(node.enum === undefined ? [] : [`one of ${node.enum.join(', ')}`]),
    ...range(node.minLength, node.maxLength, ' characters'),
    ...range(node.minItems, node.maxItems, ' items'),
    ...range(node.minimum, node.maximum, ''),
    ...(node.format === undefined ? [] : [node.format]),
    ...(node.pattern === undefined || node.format !== undefined ? [] : [code(node.pattern)]),
    ...(node['x-kubernetes-validations'] ?? []).map(({ message }) => message),
    ...(node['x-kubernetes-list-map-keys'] ?? []).map((key) => `each ${key} only once`),
    ...(node.default === undefined || typeof node.default === 'object'
      ? []
      : [`default ${code(String(node.default))}`]),
  ].join('; ');
}

function typeOf(node: SchemaNode): string {
  return node.type === 'array' ? `list of ${node.items?.type ?? 'values'}` : node.type;
}

function rowsOf(path: string, node: SchemaNode, isRequired: boolean): string[][] {
  const inner = node.type === 'array' ? node.items : undefined;
  const owner = inner ?? node;
  const itemBounds = inner === undefined || inner.type === 'object' ? '' : boundsOf(inner);
  const bounds = [boundsOf(node), itemBounds === '' ? '' : `each: ${itemBounds}`]
    .filter((text) => text !== '')
    .join('; ');
  const prefix = inner === undefined ? path : `${path}[]`;
  const own = [
    code(path),
    typeOf(node),
    isRequired ? 'yes' : '',
    bounds.replaceAll('<', '&lt;'),
    cell(node.description ?? ''),
  ];
  const children = Object.entries(owner.properties ?? {}).flatMap(([name, child]) =>
    rowsOf(`${prefix}.${name}`, child, owner.required?.includes(name) === true),
  );
  return [own, ...children];
}

function section({ kind, about, spec, shortName, scale }: Definition): string {
  const rows = [...rowsOf('metadata.name', schemaNode(ManifestName), true), ...rowsOf('spec', schemaNode(spec), true)];
  const scaled = scale === undefined ? '' : ' `kubectl scale` sets `spec.replicas`.';
  return [
    `## ${kind}`,
    `${about} In a cluster: \`kubectl get ${shortName}\`.${scaled}`,
    table(['field', 'type', 'required', 'bounds', 'meaning'], rows),
  ].join('\n\n');
}

/** `docs/reference/manifests.md`. */
export function manifestsPage(): string {
  return page(
    'Manifests',
    `Every manifest has \`apiVersion: ${manifestApiVersion}\`, a \`kind\`, \`metadata.name\` and \`spec\`. A file may hold several, parted by \`---\`. ` +
      'A field that is not named here is an error. A field of a tenant that is set here is read-only on the admin page; one left out may be set there.',
    'On one machine the folder of manifests holds the kinds WhisperTenant and ModelBackend. All four are objects of a cluster, none of them in a namespace.',
    ...resourceKinds.map(section),
  );
}
