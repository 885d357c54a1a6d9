import { PlatformStatus, TenantStatus } from '#libs/contracts/object-status.js';
import { PlatformSpec } from '#libs/contracts/platform-spec.js';
import { TenantSpec } from '#libs/contracts/tenant-spec.js';
import { asAppError } from '#libs/kernel/errors.js';
import type { OperatorParts } from '#libs/platform/compose-operator.js';
import type { Applier, ApplyReport } from './applier.js';
import { type ClusterView, platformOwner } from './cluster-view.js';
import { type Finding, reasonOf } from './conditions.js';
import { readyConditions } from './object-findings.js';
import { type PooledTenant, sharedNames, sharedObjects } from './resources/shared-objects.js';
import type { Capabilities, SecretFile } from './resources/render-input.js';
import type { Reconcile } from './runtime/controller.js';
import type { KubeObject } from './runtime/kube-object.js';
import type { StatusWriter } from './status-writer.js';
import { serviceKeysOf } from './steps/access.js';
import { resolveSecrets, textOf } from './steps/secrets.js';

interface PlatformParts {
  readonly view: ClusterView;
  readonly parts: OperatorParts;
  readonly applier: Applier;
  readonly status: StatusWriter;
  readonly namespace: string;
  readonly capabilities: () => Capabilities;
  readonly now: () => Date;
  /** Addresses of the shards' app logins, as far as they are known since this process leads. */
  readonly shardUrls: ReadonlyMap<string, string>;
}

/** Keys of service tokens are looked at this often, to be turned when they are a day old. */
const lookAgainMs = 3_600_000;

type Ready = Omit<Finding, 'type'>;

/** Gives the shared apps what they need to serve pooled tenants, and counts the tenants of the cluster. */
export class PlatformReconciler {
  constructor(private readonly own: PlatformParts) {}

  readonly reconcile: Reconcile = async (name, { signal }) => {
    const object = this.own.view.platforms.get(name);
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) return {};
    const spec = PlatformSpec.safeParse(object['spec']);
    if (!spec.success) {
      const message = `${spec.error.issues.map((issue) => `spec.${issue.path.join('.')} ${issue.message}`).join('; ')}.`;
      await this.report(object, null, { status: 'False', reason: 'InvalidSpec', message }, signal);
      return {};
    }
    const ready = await this.share(object, spec.data, signal).catch((error: unknown): Ready => {
      const { code, message, action } = asAppError(error);
      return { status: 'False', reason: reasonOf(code), message: `${message} ${action}` };
    });
    await this.report(object, spec.data, ready, signal);
    return { requeueAfterMs: ready.status === 'True' ? lookAgainMs : retryMs };
  };

  private async share(object: KubeObject, platform: PlatformSpec, signal: AbortSignal): Promise<Ready> {
    const { parts, view, namespace } = this.own;
    const { tenants, secrets } = await this.pooled(platform);
    const settings = view.child({ apiVersion: 'v1', kind: 'Secret', namespace, name: sharedNames.settings });
    const objects = sharedObjects({
      namespace,
      platformUid: object.metadata.uid ?? '',
      platform,
      capabilities: this.own.capabilities(),
      databaseUrl: parts.sharedAppUrl,
      redisUrl: parts.redisTenants === null ? null : await parts.redisTenants.giveShared(parts.sharedPrefix),
      serviceKeys: await serviceKeysOf(settings, parts, this.own.now().getTime()),
      shards: this.shards(),
      secrets,
      tenants,
    });
    return applied(await this.own.applier.apply(platformOwner, objects, signal), tenants.length);
  }

  /** A shard that was not looked at since we lead keeps the address that the apps have. */
  private shards(): readonly { readonly name: string; readonly url: string }[] {
    const { view, namespace, shardUrls } = this.own;
    const known = view.child({ apiVersion: 'v1', kind: 'Secret', namespace, name: sharedNames.shards });
    return view.shards.list().flatMap(({ metadata: { name } }) => {
      const url = shardUrls.get(name) ?? textOf(known, name);
      return url === null ? [] : [{ name, url }];
    });
  }

  private async pooled(
    platform: PlatformSpec,
  ): Promise<{ readonly tenants: readonly PooledTenant[]; readonly secrets: readonly SecretFile[] }> {
    const rows = new Map((await this.own.parts.registry.all()).map((row) => [row.slug, row]));
    const tenants: PooledTenant[] = [];
    const secrets = new Map<string, SecretFile>();
    for (const { metadata, spec: raw } of this.own.view.tenants.list()) {
      const spec = TenantSpec.safeParse(raw).data;
      const row = rows.get(metadata.name);
      if (spec?.isolation !== 'pooled' || row?.state !== 'active') continue;
      const { name } = metadata;
      const resolved = resolveSecrets({ name, spec, platform }, this.own.view, this.own.namespace);
      for (const file of resolved.secrets) secrets.set(`${file.owner}/${file.name}/${file.key}`, file);
      const named = (spec.domains ?? []).flatMap(({ host, tlsSecretRef }): [string, string][] =>
        tlsSecretRef === undefined ? [] : [[host, tlsSecretRef.name]],
      );
      tenants.push({ name, hosts: row.hosts, certificates: Object.fromEntries(named) });
    }
    return { tenants, secrets: [...secrets.values()] };
  }

  private async report(
    object: KubeObject,
    platform: PlatformSpec | null,
    ready: Ready,
    signal: AbortSignal,
  ): Promise<void> {
    const before = PlatformStatus.safeParse(this.own.status.current(object) ?? {}).data ?? {};
    const all = this.own.view.tenants.list().map((tenant) => TenantStatus.safeParse(tenant['status'] ?? {}).data ?? {});
    const status: PlatformStatus = {
      observedGeneration: object.metadata.generation ?? 0,
      conditions: readyConditions(object, ready, before.conditions, this.own.now()),
      ...(platform === null ? {} : { version: platform.version }),
      tenants: {
        total: all.length,
        ready: all.filter(({ phase }) => phase === 'Ready').length,
        updated: all.filter(({ platformVersion }) => platformVersion === platform?.version).length,
      },
    };
    await this.own.status.write(object, status, signal);
  }
}

/** What failed is tried again this soon. */
const retryMs = 10_000;

function applied({ failures }: ApplyReport, pooled: number): Ready {
  const [first] = failures;
  if (first === undefined)
    return {
      status: 'True',
      reason: 'Ready',
      message: `The shared apps have what they need for ${pooled} pooled tenants.`,
    };
  const message = failures
    .map(({ object, error }) => `${object.kind} ${object.metadata.name}: ${error.message}`)
    .join('; ');
  return { status: 'False', reason: first.error.reason, message };
}
