import { BackendSpec } from '#libs/contracts/backend-spec.js';
import type { ClusterView } from '../cluster-view.js';
import type { Finding } from '../conditions.js';
import { labelNames } from '../resources/names.js';
import type { HostCertificate, RenderFacts, SecretFile } from '../resources/render-input.js';
import { digestOf } from '../resources/stable-json.js';
import type { KubeObject } from '../runtime/kube-object.js';
import type { TenantWork } from '../tenant-work.js';

/** As much of a tenant as its secrets are found by. */
type Asking = Pick<TenantWork, 'name' | 'spec' | 'platform'>;

interface ResolvedSecrets extends Pick<RenderFacts, 'secrets' | 'backends' | 'certificates' | 'pullSecrets'> {
  readonly finding: Finding;
}

/** Text of one key of a Secret, or null where there is none. */
export function textOf(secret: KubeObject | undefined, key: string): string | null {
  const data = secret?.['data'];
  if (typeof data !== 'object' || data === null) return null;
  const value: unknown = new Map(Object.entries(data)).get(key);
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : null;
}

/** Reads the secrets a tenant may name: those of the operator's namespace that carry its label. */
class SecretReader {
  readonly missing: string[] = [];

  constructor(
    private readonly view: ClusterView,
    private readonly namespace: string,
  ) {}

  /** The text, or null and one more line of what is missing. */
  read(field: string, owner: string, { name, key }: { readonly name: string; readonly key: string }): string | null {
    const secret = this.view.secretOf(owner, name);
    const text = textOf(secret, key);
    if (text !== null) return text;
    const label = `${labelNames.tenant}=${owner}`;
    this.missing.push(
      secret === undefined
        ? `${field}: there is no Secret "${name}" with the label ${label} in the namespace ${this.namespace}`
        : `${field}: the Secret "${name}" in the namespace ${this.namespace} has no key "${key}"`,
    );
    return null;
  }
}

function ownSecrets({ name, spec }: Asking, reader: SecretReader): readonly SecretFile[] {
  const ref = spec.sso?.oidc?.clientSecretRef;
  if (ref === undefined) return [];
  const value = reader.read('spec.sso.oidc.clientSecretRef', name, ref);
  return value === null ? [] : [{ owner: name, ...ref, value: value.replace(/\r?\n$/, '') }];
}

function certificatesOf({ name, spec }: Asking, reader: SecretReader): readonly HostCertificate[] {
  return (spec.domains ?? []).flatMap(({ host, tlsSecretRef }, index) => {
    if (tlsSecretRef === undefined) return [];
    const field = `spec.domains[${index}].tlsSecretRef`;
    const certificate = reader.read(field, name, { name: tlsSecretRef.name, key: 'tls.crt' });
    const key = reader.read(field, name, { name: tlsSecretRef.name, key: 'tls.key' });
    return certificate === null || key === null ? [] : [{ host, certificate, key }];
  });
}

interface UsedBackend {
  readonly entry: RenderFacts['backends'][number];
  readonly secret: SecretFile | null;
}

function backendsOf({ spec }: Asking, view: ClusterView, reader: SecretReader): readonly UsedBackend[] {
  return (spec.models?.backends ?? []).flatMap(({ ref }, index): UsedBackend[] => {
    const object = view.backends.get(ref);
    const parsed = BackendSpec.safeParse(object?.['spec']);
    if (!parsed.success) {
      const why = object === undefined ? 'there is no ModelBackend of that name' : 'that ModelBackend is not valid';
      reader.missing.push(`spec.models.backends[${index}]: "${ref}" is named, and ${why}`);
      return [];
    }
    const { apiKeySecretRef } = parsed.data;
    const entry = { name: ref, revision: digestOf(parsed.data), spec: parsed.data };
    if (apiKeySecretRef === undefined) return [{ entry, secret: null }];
    const owner = `backend-${ref}`;
    const value = reader.read(`spec.apiKeySecretRef of the ModelBackend "${ref}"`, owner, apiKeySecretRef);
    const secret = value === null ? null : { owner, ...apiKeySecretRef, value: value.replace(/\r?\n$/, '') };
    return [{ entry, secret }];
  });
}

function pullSecretsOf({ platform }: Asking, view: ClusterView, namespace: string, missing: string[]) {
  const found = (platform.image.pullSecrets ?? []).flatMap((name): [string, string][] => {
    const text = textOf(view.secrets.get(`${namespace}/${name}`), '.dockerconfigjson');
    if (text === null) missing.push(`image.pullSecrets of the WhisperPlatform: there is no "${name}" in ${namespace}`);
    return text === null ? [] : [[name, text]];
  });
  return Object.fromEntries(found);
}

/** Every text that the tenant's manifest refers to, and what is missing, in words of its author. */
export function resolveSecrets(work: Asking, view: ClusterView, namespace: string): ResolvedSecrets {
  const reader = new SecretReader(view, namespace);
  const own = ownSecrets(work, reader);
  const certificates = certificatesOf(work, reader);
  const used = backendsOf(work, view, reader);
  const pullSecrets = pullSecretsOf(work, view, namespace, reader.missing);
  const isWhole = reader.missing.length === 0;
  return {
    secrets: [...own, ...used.flatMap(({ secret }) => (secret === null ? [] : [secret]))],
    backends: used.map(({ entry }) => entry),
    certificates,
    pullSecrets,
    finding: {
      type: 'SecretsReady',
      status: isWhole ? 'True' : 'False',
      reason: isWhole ? 'Resolved' : 'SecretMissing',
      message: isWhole ? 'Everything that the manifest refers to is there.' : `${reader.missing.join('; ')}.`,
    },
  };
}
