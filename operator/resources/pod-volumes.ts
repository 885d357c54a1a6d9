import { podTokenAudience } from '#libs/contracts/token-exchange.js';
import type { AppName } from '#libs/contracts/workload-settings.js';
import { childNames, paths, routerKeys } from './names.js';
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

/** The shortest life that a cluster gives a pod's token; the kubelet replaces it when a fifth is left. */
const podTokenSeconds = 600;

/** What the router signs with and whom it believes. */
const keys = {
  name: 'keys',
  secret: {
    secretName: childNames.keys,
    defaultMode: secretMode,
    items: Object.values(routerKeys).map((key) => ({ key, path: key })),
  },
};

/** What the others prove themselves to the router with, and to nobody else. */
const identity = {
  name: 'identity',
  projected: {
    defaultMode: secretMode,
    sources: [
      { serviceAccountToken: { audience: podTokenAudience, expirationSeconds: podTokenSeconds, path: 'token' } },
    ],
  },
};

/** Volumes of the pods of one app. What is written is lost with the pod, and bounded. */
export function podVolumes(app: AppName, input: RenderInput): readonly object[] {
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
    app === 'router' ? keys : identity,
    { name: 'data', emptyDir: { sizeLimit: '1Gi' } },
    { name: 'tmp', emptyDir: { sizeLimit: '256Mi' } },
  ];
}

/** Where the container finds them. */
export function podMounts(app: AppName): readonly object[] {
  return [
    { name: 'tenant', mountPath: paths.config, readOnly: true },
    { name: 'secrets', mountPath: paths.secrets, readOnly: true },
    app === 'router'
      ? { name: keys.name, mountPath: paths.keys, readOnly: true }
      : { name: identity.name, mountPath: paths.identity, readOnly: true },
    { name: 'data', mountPath: paths.data },
    { name: 'tmp', mountPath: '/tmp' },
  ];
}
