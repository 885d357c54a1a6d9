import { BackendSpec } from '#libs/contracts/backend-spec.js';
import { BackendStatus } from '#libs/contracts/object-status.js';
import { TenantSpec } from '#libs/contracts/tenant-spec.js';
import type { TenantRegistry } from '#libs/tenancy/ports/tenant-registry.js';
import type { ClusterView } from './cluster-view.js';
import type { Finding } from './conditions.js';
import { readyConditions } from './object-findings.js';
import { labelNames } from './resources/names.js';
import { digestOf } from './resources/stable-json.js';
import type { Reconcile } from './runtime/controller.js';
import type { KubeObject } from './runtime/kube-object.js';
import { specFaults } from './spec-faults.js';
import type { StatusWriter } from './status-writer.js';
import { textOf } from './steps/secrets.js';

interface BackendParts {
  readonly view: ClusterView;
  readonly registry: TenantRegistry;
  readonly status: StatusWriter;
  readonly namespace: string;
  readonly now: () => Date;
}

type Ready = Omit<Finding, 'type'>;

/** Keeps the directory's list of model servers, which the shared apps read. */
export class BackendReconciler {
  constructor(private readonly own: BackendParts) {}

  readonly reconcile: Reconcile = async (name, { signal }) => {
    const { view, registry } = this.own;
    const object = view.backends.get(name);
    if (object === undefined) {
      await registry.removeBackend(name);
      return {};
    }
    const spec = BackendSpec.safeParse(object['spec']);
    if (!spec.success) {
      const message = `${specFaults(spec.error)}.`;
      await this.report(object, { status: 'False', reason: 'InvalidSpec', message }, signal);
      return {};
    }
    await registry.applyBackend({ name, revision: digestOf(spec.data), spec: spec.data });
    await this.report(object, this.keyFinding(name, spec.data), signal);
    return {};
  };

  private keyFinding(name: string, { apiKeySecretRef }: BackendSpec): Ready {
    if (apiKeySecretRef === undefined) return { status: 'True', reason: 'Ready', message: 'Tenants may name it.' };
    const owner = `backend-${name}`;
    const text = textOf(this.own.view.secretOf(owner, apiKeySecretRef.name), apiKeySecretRef.key);
    if (text !== null) return { status: 'True', reason: 'Ready', message: 'Tenants may name it; its key is there.' };
    const message = `spec.apiKeySecretRef: there is no Secret "${apiKeySecretRef.name}" with the key "${apiKeySecretRef.key}" and the label ${labelNames.tenant}=${owner} in the namespace ${this.own.namespace}.`;
    return { status: 'False', reason: 'SecretMissing', message };
  }

  private async report(object: KubeObject, ready: Ready, signal: AbortSignal): Promise<void> {
    const before = BackendStatus.safeParse(this.own.status.current(object) ?? {}).data ?? {};
    const status: BackendStatus = {
      observedGeneration: object.metadata.generation ?? 0,
      conditions: readyConditions(object, ready, before.conditions, this.own.now()),
      tenants: this.usersOf(object.metadata.name),
    };
    await this.own.status.write(object, status, signal);
  }

  private usersOf(name: string): number {
    return this.own.view.tenants.list().filter((tenant) => {
      const backends = TenantSpec.safeParse(tenant['spec']).data?.models?.backends ?? [];
      return backends.some(({ ref }) => ref === name);
    }).length;
  }
}
