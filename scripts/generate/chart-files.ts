import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { clusterRules, namespaceRules, type PolicyRule } from '#operator/resources/rbac.js';
import { valuesPage, valuesSchema, valuesYaml } from './chart-values-files.js';
import { customResource, type Definition } from './custom-resource.js';
import { resourceKinds } from './resource-kinds.js';

const yaml = (value: unknown) => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });

/** Kinds outlive their chart: deleting one would delete every tenant. */
function definitionTemplate(definition: Definition): string {
  const { metadata, ...rest } = customResource(definition);
  const annotations = { 'helm.sh/resource-policy': 'keep' };
  return `# Made by \`npm run gen\` from ${definition.source}.\n${yaml({ ...rest, metadata: { ...metadata, annotations } })}`;
}

interface RoleHead {
  readonly kind: 'ClusterRole' | 'Role';
  readonly rules: readonly PolicyRule[];
}

function roleTemplate({ kind, rules }: RoleHead): string {
  return [
    '# Made by `npm run gen` from operator/resources/rbac.ts: what the renderer writes, and what the operator reads.',
    'apiVersion: rbac.authorization.k8s.io/v1',
    `kind: ${kind}`,
    'metadata:',
    '  name: whisper-operator',
    ...(kind === 'Role' ? ['  namespace: {{ .Release.Namespace }}'] : []),
    '  labels:',
    '    {{- include "whisper.labels" . | nindent 4 }}',
    '    app.kubernetes.io/component: operator',
    yaml({ rules }),
  ].join('\n');
}

/** The generated files of the charts, by their path. */
export async function chartFiles(root: string): Promise<readonly (readonly [string, string])[]> {
  const examples = join(root, 'examples/tenants');
  const tenants = (await readdir(examples)).filter((name) => name.endsWith('.yaml')).sort();
  return [
    ...resourceKinds.map(
      (definition) =>
        [`charts/whisper-crds/templates/${definition.plural}.yaml`, definitionTemplate(definition)] as const,
    ),
    ['charts/whisper/templates/operator-cluster-role.yaml', roleTemplate({ kind: 'ClusterRole', rules: clusterRules })],
    ['charts/whisper/templates/operator-role.yaml', roleTemplate({ kind: 'Role', rules: namespaceRules })],
    ['charts/whisper/values.yaml', valuesYaml()],
    ['charts/whisper/values.schema.json', valuesSchema()],
    ['docs/reference/values.md', valuesPage()],
    ...(await Promise.all(
      tenants.map(
        async (name) => [`charts/whisper/files/tenants/${name}`, await readFile(join(examples, name), 'utf8')] as const,
      ),
    )),
  ];
}
