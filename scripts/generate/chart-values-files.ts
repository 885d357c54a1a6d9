import { z } from 'zod';
import { stringify } from 'yaml';
import { ChartValues } from '#libs/contracts/chart-values.js';
import { rowsOf } from './field-rows.js';
import { type SchemaNode, schemaNode } from './json-schema.js';
import { page, table } from './markdown.js';

const notice = 'Made by `npm run gen` from libs/contracts/chart-values.ts.';

/** Lines of one value. What has no default is shown as a comment, so that the file names everything there is. */
function linesOf(name: string, node: SchemaNode, value: unknown, indent: string): string[] {
  const about = node.description === undefined ? [] : [`${indent}# ${node.description}`];
  const fields = Object.entries(node.properties ?? {});
  if (fields.length === 0) {
    if (value === undefined) return [...about, `${indent}# ${name}:`];
    return [...about, `${indent}${name}: ${stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim()}`];
  }
  const values: ReadonlyMap<string, unknown> = new Map(
    typeof value === 'object' && value !== null ? Object.entries(value) : [],
  );
  const inner = fields.flatMap(([child, schema]) => linesOf(child, schema, values.get(child), `${indent}  `));
  const isEmpty = inner.every((line) => line.trimStart().startsWith('#'));
  if (isEmpty && value === undefined) return [...about, `${indent}# ${name}:`, ...inner];
  return [...about, isEmpty ? `${indent}${name}: {}` : `${indent}${name}:`, ...inner];
}

/** `values.yaml` with every default. */
export function valuesYaml(): string {
  const defaults: ReadonlyMap<string, unknown> = new Map(Object.entries(ChartValues.parse({})));
  const blocks = Object.entries(schemaNode(ChartValues).properties ?? {})
    .filter(([name]) => name !== 'global')
    .map(([name, node]) => linesOf(name, node, defaults.get(name), '').join('\n'));
  return `# ${notice} Change that, not this file.\n\n${blocks.join('\n\n')}\n`;
}

/** Helm hands a schema no rules of Kubernetes; they would only be noise in it. */
function withoutExtensions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutExtensions);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !key.startsWith('x-kubernetes-'));
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutExtensions(child)]));
}

/** `values.schema.json`, by which Helm refuses a value that is misspelt or out of bounds. */
export function valuesSchema(): string {
  const schema = z.toJSONSchema(ChartValues, { target: 'draft-7', io: 'input' });
  return `${JSON.stringify(withoutExtensions(schema), null, 2)}\n`;
}

/** `docs/reference/values.md`. */
export function valuesPage(): string {
  const rows = Object.entries(schemaNode(ChartValues).properties ?? {})
    .filter(([name]) => name !== 'global')
    .flatMap(([name, node]) => rowsOf(name, node, false))
    .map(([path = '', type = '', , bounds = '', meaning = '']) => [path, type, bounds, meaning]);
  return page(
    'Values of the chart',
    'What `helm install whisper charts/whisper` takes by `--set` or `--values`. A value that is not named here is refused. ' +
      'The values of `platform` become the one WhisperPlatform; its fields are explained in [manifests](manifests.md#whisperplatform).',
    table(['value', 'type', 'bounds', 'meaning'], rows),
  );
}
