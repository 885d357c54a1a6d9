import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files of a cluster's certificates: `<name>.crt` and `<name>.key` in `folder`, and `ca.crt`. */
export interface Certificates {
  readonly folder: string;
  path(file: string): string;
  base64(file: string): string;
}

/** A certificate to make. */
export interface Leaf {
  readonly name: string;
  /** As openssl writes it: `/O=system:masters/CN=admin`. */
  readonly subject: string;
  /** Of a server; a client has none. */
  readonly addresses?: string;
}

const leaves: readonly Leaf[] = [
  {
    name: 'apiserver',
    subject: '/CN=kube-apiserver',
    addresses: 'IP:127.0.0.1,IP:10.0.0.1,DNS:localhost,DNS:kubernetes.default.svc',
  },
  { name: 'admin', subject: '/O=system:masters/CN=admin' },
  { name: 'controller-manager', subject: '/CN=system:kube-controller-manager' },
  { name: 'scheduler', subject: '/CN=system:kube-scheduler' },
  { name: 'front-proxy', subject: '/CN=front-proxy' },
  { name: 'kwok', subject: '/O=system:masters/CN=kwok', addresses: 'IP:127.0.0.1,DNS:localhost' },
];

const days = '2';
const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/**
 * Makes one CA and all that a control plane shows with it, by openssl. They live two days. `changed` are further ones,
 * or others of the same names.
 */
export function makeCertificates(folder: string, changed: readonly Leaf[] = []): Certificates {
  const path = (file: string) => join(folder, file);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const authority = ['-x509', ...curve, '-keyout', path('ca.key'), '-out', path('ca.crt'), '-subj', '/CN=whisper-test'];
  openssl('req', ...authority, '-days', days);
  const kept = leaves.filter(({ name }) => !changed.some((leaf) => leaf.name === name));
  for (const leaf of [...kept, ...changed]) sign(openssl, path, leaf);
  openssl('genrsa', '-out', path('service-account.key'), '2048');
  openssl('rsa', '-in', path('service-account.key'), '-pubout', '-out', path('service-account.pub'));
  return { folder, path, base64: (file) => readFileSync(path(file)).toString('base64') };
}

function sign(openssl: (...args: string[]) => Buffer, path: (file: string) => string, leaf: Leaf): void {
  const { name, subject, addresses } = leaf;
  const request = path(`${name}.csr`);
  const extensions = path(`${name}.ext`);
  const usage = ['extendedKeyUsage=clientAuth,serverAuth', 'keyUsage=digitalSignature'];
  writeFileSync(extensions, [...usage, ...(addresses === undefined ? [] : [`subjectAltName=${addresses}`])].join('\n'));
  openssl('req', ...curve, '-keyout', path(`${name}.key`), '-out', request, '-subj', subject);
  const by = ['-CA', path('ca.crt'), '-CAkey', path('ca.key'), '-CAcreateserial'];
  openssl('x509', '-req', '-in', request, ...by, '-days', days, '-out', path(`${name}.crt`), '-extfile', extensions);
}

/** A kubeconfig with everything inside, for the holder of certificate `name`. */
export function kubeconfigFor(certificates: Certificates, server: string, name: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': certificates.base64('ca.crt') } }],
    users: [
      {
        name,
        user: {
          'client-certificate-data': certificates.base64(`${name}.crt`),
          'client-key-data': certificates.base64(`${name}.key`),
        },
      },
    ],
    contexts: [{ name: 'test', context: { cluster: 'test', user: name } }],
  });
}
