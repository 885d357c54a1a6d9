import { childKinds, monitorKind, routeKind } from '#operator/kinds.js';
import { labelNames } from '#operator/resources/names.js';
import type { KubeClient } from '#operator/runtime/client.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';

/** Every object that the operator made for a tenant, kind by kind; kinds that the cluster lacks are left out. */
export async function tenantChildren(client: KubeClient, tenant: string): Promise<readonly KubeObject[]> {
  const lists = await Promise.all(
    [...childKinds, routeKind, monitorKind].map(async (kind) => {
      if ((await client.resources.discover(kind)) === null) return [];
      return (await client.list(kind, { labelSelector: `${labelNames.tenant}=${tenant}` })).items;
    }),
  );
  return lists.flat();
}
