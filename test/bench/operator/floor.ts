import { desired } from '#operator/resources/desired.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { ControlPlane } from '../../cluster/control-plane.js';
import { renderInput } from '../../support/render-input.js';
import { benchClient } from './bench-client.js';
import { ObjectWatch } from './object-watch.js';
import { sideBySide } from './side-by-side.js';

/** What the API server and the controllers of Kubernetes need for the same objects. */
export interface Floor {
  readonly objects: number;
  /** Until the last object was applied. */
  readonly appliedMs: number;
  /** Until every Deployment served besides, which is what Ready says. */
  readonly servingMs: number;
}

interface FloorOptions {
  readonly programs: string;
  readonly nodes: number;
  readonly autoscalerSeconds: number;
  readonly tenants: number;
  readonly timeoutMs: number;
}

/** Without owners: the tenants themselves are not there, and what they own would be collected. */
function orphaned(object: KubeObject): KubeObject {
  const { ownerReferences: _left, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function objectsOf(index: number): readonly KubeObject[] {
  const input = renderInput({
    platform: { publicUrl: 'https://chat.example', ingress: { type: 'ingress' } },
    hosts: [`floor-${index}.chat.example`],
    facts: { capabilities: { gatewayApi: false, serviceMonitor: false, customMetrics: false } },
  });
  return desired({ ...input, tenant: { ...input.tenant, name: `floor-${index}` } }).map(orphaned);
}

function serves(object: KubeObject): boolean {
  return ((object['status'] ?? {}) as { availableReplicas?: number }).availableReplicas !== undefined;
}

/** A plain loop of server-side apply over the same objects, on a control plane of the same making. */
export async function measureFloor(options: FloorOptions): Promise<Floor> {
  const { programs, nodes, autoscalerSeconds, tenants, timeoutMs } = options;
  const plane = await ControlPlane.start({ programs, nodes, autoscalerSeconds, isAudited: true });
  const client = benchClient(plane.kubeconfig);
  const stop = new AbortController();
  try {
    const deployments = await ObjectWatch.open(client, { apiVersion: 'apps/v1', kind: 'Deployment' }, stop.signal);
    const objects = Array.from({ length: tenants }, (_, index) => objectsOf(index)).flat();
    const apply = async (object: KubeObject) =>
      void (await client.apply(object, { fieldManager: 'bench', force: true }));
    const startedMs = performance.now();
    await sideBySide(
      objects.filter(({ kind }) => kind === 'Namespace'),
      apply,
    );
    await sideBySide(
      objects.filter(({ kind }) => kind !== 'Namespace'),
      apply,
    );
    const appliedMs = performance.now() - startedMs;
    await Promise.all(
      objects
        .filter(({ kind }) => kind === 'Deployment')
        .map(({ metadata }) => deployments.when(`${metadata.namespace}/${metadata.name}`, serves, timeoutMs)),
    );
    return { objects: objects.length, appliedMs, servingMs: performance.now() - startedMs };
  } finally {
    stop.abort();
    client.transport.close();
    await plane.stop();
  }
}
