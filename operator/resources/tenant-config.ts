import type { KubeObject } from '../runtime/kube-object.js';
import { child } from './child.js';
import { childNames } from './names.js';
import type { RenderInput } from './render-input.js';
import { digestOf, stableJson } from './stable-json.js';

/** What the pods know of the tenant, in place of a directory: its row and its backends. */
export function tenantConfig(input: RenderInput): KubeObject {
  const { compiled, facts } = input;
  return child(
    input,
    { apiVersion: 'v1', kind: 'ConfigMap', name: childNames.config },
    { data: { 'tenant.json': stableJson(compiled), 'backends.json': stableJson(facts.backends) } },
  );
}

/**
 * Changes whenever the pods have to start anew to see a change. The keys of service tokens and of pods are left out: they are
 * read again while a pod runs, and each of them is known before it is used. So is the revision, which every edit of
 * the manifest changes: one of the autoscaling or the quotas is no matter of the pods.
 */
export function configHash({ compiled, facts }: RenderInput): string {
  const { backends, databaseUrl, redisUrl, masterKey, secrets } = facts;
  const { revision: _any, ...row } = compiled;
  return digestOf({ row, backends, databaseUrl, redisUrl, masterKey, secrets });
}
