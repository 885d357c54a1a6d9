import type { SchemaNode } from './json-schema.js';
import { cell, code } from './markdown.js';

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
  if (node['x-kubernetes-int-or-string'] === true) return 'string or integer';
  return node.type === 'array' ? `list of ${node.items?.type ?? 'values'}` : node.type;
}

/** A row for a field and each field within it: path, type, whether it is required, bounds, meaning. */
export function rowsOf(path: string, node: SchemaNode, isRequired: boolean): string[][] {
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
