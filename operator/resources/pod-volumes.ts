import { childNames, paths } from './names.js';
import type { RenderInput, SecretFile } from './render-input.js';
import { backendFiles, flatKey, ownFiles } from './secrets.js';

/** Read by the group of the pod alone. */
const secretMode = 0o440;

const itemOf = (file: SecretFile) => ({ key: flatKey(file), path: `${file.owner}/${file.name}/${file.key}` });

function source(name: string, items: readonly object[]): readonly object[] {
  return items.length === 0 ? [] : [{ secret: { name, items } }];
}

function byPath(files: readonly SecretFile[]): readonly object[] {
  return files.map(itemOf).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Volumes of every pod of a tenant. What is written is lost with the pod, and bounded. */
export function podVolumes(input: RenderInput): readonly object[] {
  return [
    { name: 'tenant', configMap: { name: childNames.config } },
    {
      name: 'secrets',
      projected: {
        defaultMode: secretMode,
        sources: [
          ...source(childNames.keys, [{ key: 'master-key', path: 'master-key' }]),
          ...source(childNames.sso, byPath(ownFiles(input))),
          ...source(childNames.backends, byPath(backendFiles(input))),
        ],
      },
    },
    {
      name: 'keys',
      secret: {
        secretName: childNames.keys,
        defaultMode: secretMode,
        items: [{ key: 'service-keys.json', path: 'service-keys.json' }],
      },
    },
    { name: 'data', emptyDir: { sizeLimit: '1Gi' } },
    { name: 'tmp', emptyDir: { sizeLimit: '256Mi' } },
  ];
}

/** Where the container finds them. */
export const podMounts = [
  { name: 'tenant', mountPath: paths.config, readOnly: true },
  { name: 'secrets', mountPath: paths.secrets, readOnly: true },
  { name: 'keys', mountPath: paths.keys, readOnly: true },
  { name: 'data', mountPath: paths.data },
  { name: 'tmp', mountPath: '/tmp' },
] as const;
