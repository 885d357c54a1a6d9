import { asAppError } from '#libs/kernel/errors.js';
import type { OperatorParts } from '#libs/platform/compose-operator.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Applier } from '../applier.js';
import { type Finding, reasonOf } from '../conditions.js';
import { childNames, namespaceOf, routerKeys } from '../resources/names.js';
import type { RenderFacts } from '../resources/render-input.js';
import type { KubeObject } from '../runtime/kube-object.js';
import type { TenantWork } from '../tenant-work.js';
import { textOf } from './secrets.js';

type Access = Pick<RenderFacts, 'databaseUrl' | 'redisUrl' | 'masterKey' | 'serviceKeys' | 'clusterKeys'>;

interface Given {
  readonly finding: Finding;
  readonly access: Access | null;
}

const type = 'AccessReady';
/** Tokens live for five minutes; a day bounds what a key that leaked is good for. */
const rotateMs = 86_400_000;

/** When a UUID of version 7 was made, in ms. */
function madeAt(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}

/** Key ids are UUIDs of version 7, so that the file itself says when it was turned: its second key was made then. */
function turnedAt(serviceKeys: string): number {
  const { keys } = JSON.parse(serviceKeys) as { keys: readonly { kid: string }[] };
  return madeAt(keys[1]?.kid ?? '0');
}

/**
 * Keys of service tokens as the Secret has them that pods mount; made once, and turned each day. `secret` must be what
 * was written last: keys made a second time would shut out the pods that hold the first ones.
 */
export async function serviceKeysOf(
  secret: KubeObject | undefined,
  parts: Pick<OperatorParts, 'makeServiceKeys' | 'rotateServiceKeys'>,
  nowMs: number,
): Promise<string> {
  const known = textOf(secret, routerKeys.service);
  if (known === null) return parts.makeServiceKeys();
  return nowMs - turnedAt(known) > rotateMs ? parts.rotateServiceKeys(known) : known;
}

/** What the API server said last; before it has answered, what routers have mounted already. */
export function clusterKeysOf(secret: KubeObject | undefined, current: string | null): string | null {
  return current ?? textOf(secret, routerKeys.cluster);
}

/** Why no router could know a pod, whatever was applied. */
export const noClusterKeys =
  'The API server does not tell the keys of its ServiceAccount tokens, by which a router knows its pods. ' +
  'The log of the operator has its answer. Where it is 403, bind the operator’s service account to the ClusterRole ' +
  'system:service-account-issuer-discovery.';

const keysRef = (tenant: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  namespace: namespaceOf(tenant),
  name: childNames.keys,
});

interface Givers {
  readonly parts: OperatorParts;
  /** As the API server said last; null where it has not answered since we lead. */
  readonly clusterKeys: string | null;
  readonly nowMs: number;
}

/** Logins and keys of a tenant's own workloads: each opens what is the tenant's, and nothing else. */
export async function giveAccess(
  name: string,
  compiled: Tenant,
  applier: Pick<Applier, 'known'>,
  { parts, clusterKeys: current, nowMs }: Givers,
): Promise<Given> {
  if (parts.redisTenants === null) {
    const message = 'Dedicated tenants need a Redis. Give the operator REDIS_URL (redis.existingSecret of the chart).';
    return { access: null, finding: { type, status: 'False', reason: 'NoRedis', message } };
  }
  const keys = applier.known(keysRef(name));
  const clusterKeys = clusterKeysOf(keys, current);
  if (clusterKeys === null)
    return { access: null, finding: { type, status: 'False', reason: 'NoClusterKeys', message: noClusterKeys } };
  try {
    const access = {
      databaseUrl: await parts.logins.give(compiled.id),
      redisUrl: await parts.redisTenants.give(compiled),
      masterKey: parts.masterKeyOf(compiled.id),
      serviceKeys: await serviceKeysOf(keys, parts, nowMs),
      clusterKeys,
    };
    const message = 'The workloads have logins of their own.';
    return { access, finding: { type, status: 'True', reason: 'Given', message } };
  } catch (error) {
    const { code, message, action } = asAppError(error);
    return {
      access: null,
      finding: { type, status: 'False', reason: reasonOf(code), message: `${message} ${action}` },
    };
  }
}

/** Takes the logins back from a tenant that had workloads of its own until now. */
export async function takeAccess(
  work: TenantWork,
  compiled: Tenant,
  parts: OperatorParts,
): Promise<readonly Finding[]> {
  if (work.status.namespace === undefined) return [];
  try {
    await parts.redisTenants?.take(compiled);
    await parts.logins.take(compiled.id);
    return [];
  } catch (error) {
    const { code, message, action } = asAppError(error);
    return [{ type, status: 'False', reason: reasonOf(code), message: `${message} ${action}` }];
  }
}
