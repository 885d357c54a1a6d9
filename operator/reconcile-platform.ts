import { PlatformStatus } from '#libs/contracts/object-status.js';
import { PlatformSpec } from '#libs/contracts/platform-spec.js';
import { asAppError } from '#libs/kernel/errors.js';
import type { OperatorParts } from '#libs/platform/compose-operator.js';
import type { Applier, ApplyReport } from './applier.js';
import { type ClusterView, platformOwner } from './cluster-view.js';
import { type Finding, reasonOf } from './conditions.js';
import { annotations } from './kinds.js';
import type { Notices } from './notices.js';
import { invalidPlatform, type PlatformOutcome, platformStatus } from './platform-status.js';
import { type PooledTenant, sharedNames, sharedObjects } from './resources/shared-objects.js';
import type { Capabilities, SecretFile } from './resources/render-input.js';
import { rolloutNews } from './rollout-news.js';
import type { RolloutRunner } from './rollout-runner.js';
import type { Reconcile } from './runtime/controller.js';
import type { KubeObject } from './runtime/kube-object.js';
import { specFaults } from './spec-faults.js';
import type { StatusWriter } from './status-writer.js';
import { clusterKeysOf, noClusterKeys, serviceKeysOf } from './steps/access.js';
import { sharedTrouble } from './steps/shared-apps.js';
import { resolveSecrets, textOf } from './steps/secrets.js';
import { readStatus, validSpec } from './tenant-work.js';

interface PlatformParts {
  readonly view: ClusterView;
  readonly parts: OperatorParts;
  readonly applier: Applier;
  readonly status: StatusWriter;
  readonly rollout: RolloutRunner;
  readonly notices: Notices;
  readonly namespace: string;
  readonly capabilities: () => Capabilities;
  readonly clusterKeys: () => string | null;
  readonly now: () => Date;
  /** Addresses of the shards' app logins, as far as they are known since this process leads. */
  readonly shardUrls: ReadonlyMap<string, string>;
}

/** Keys of service tokens are looked at this often, to be turned when they are a day old. */
const lookAgainMs = 3_600_000;

type Ready = Omit<Finding, 'type'>;

interface Round {
  readonly object: KubeObject;
  readonly platform: PlatformSpec;
  /** Status as it was written last. */
  readonly before: PlatformStatus;
  readonly ready: Ready;
}

/** Gives the shared apps what they need to serve pooled tenants, brings versions to the others, and counts all. */
export class PlatformReconciler {
  constructor(private readonly own: PlatformParts) {}

  readonly reconcile: Reconcile = async (name, { signal }) => {
    const object = this.own.view.platforms.get(name);
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) return {};
    const before = PlatformStatus.safeParse(this.own.status.current(object) ?? {}).data ?? {};
    const spec = PlatformSpec.safeParse(object['spec']);
    if (!spec.success) {
      const message = `${specFaults(spec.error)}.`;
      await this.own.status.write(object, invalidPlatform(object, message, before, this.own.now()), signal);
      return {};
    }
    const ready = await this.share(object, spec.data, signal).catch((error: unknown): Ready => {
      const { code, message, action } = asAppError(error);
      return { status: 'False', reason: reasonOf(code), message: `${message} ${action}` };
    });
    const lookMs = await this.roll({ object, platform: spec.data, before, ready }, signal);
    return { requeueAfterMs: Math.min(ready.status === 'True' ? lookAgainMs : retryMs, lookMs) };
  };

  /**
   * One step of a rollout, and what is to be said of it. What was decided is written down before any tenant hears of
   * it: who dies in between finds it there and gives the same versions again.
   * @returns when to look again, in ms
   */
  private async roll({ object, platform, before, ready }: Round, signal: AbortSignal): Promise<number> {
    const { rollout, status, notices, now } = this.own;
    const state = { spec: platform, reached: before.version ?? null, images: before.images ?? [] };
    const step = rollout.decide(state, before.rollout);
    const { tenants, versions } = this.count(platform);
    const after = platformStatus(object, { ready, platform, decision: step, tenants, versions }, before, now());
    if (await status.write(object, after, signal))
      for (const { type, reason, note } of rolloutNews(before.rollout, step.rollout, step.tenants))
        notices.event(object, type, reason, note);
    await rollout.give(step.assignments, signal);
    await rollout.release(signal);
    const isMoving = step.assignments.length > 0 || step.rollout?.phase === 'Progressing';
    return Math.min(step.lookAgainMs ?? lookAgainMs, isMoving ? retryMs : lookAgainMs);
  }

  private async share(object: KubeObject, platform: PlatformSpec, signal: AbortSignal): Promise<Ready> {
    const { parts, view, namespace } = this.own;
    const { tenants, secrets } = await this.pooled(platform);
    const settings = this.own.applier.known({
      apiVersion: 'v1',
      kind: 'Secret',
      namespace,
      name: sharedNames.settings,
    });
    const clusterKeys = clusterKeysOf(settings, this.own.clusterKeys());
    if (clusterKeys === null) return { status: 'False', reason: 'NoClusterKeys', message: noClusterKeys };
    const objects = sharedObjects({
      namespace,
      platformUid: object.metadata.uid ?? '',
      platform,
      capabilities: this.own.capabilities(),
      databaseUrl: parts.sharedAppUrl,
      redisUrl: parts.redisTenants === null ? null : await parts.redisTenants.giveShared(parts.sharedPrefix),
      serviceKeys: await serviceKeysOf(settings, parts, this.own.now().getTime()),
      clusterKeys,
      shards: this.shards(),
      secrets,
      tenants,
    });
    const report = await this.own.applier.apply(platformOwner, objects, signal);
    const trouble = tenants.length === 0 ? null : sharedTrouble(view.sharedApps.list(), namespace);
    return report.failures.length === 0 && trouble !== null ? trouble : applied(report, tenants.length);
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
    for (const object of this.own.view.tenants.list()) {
      const { metadata } = object;
      const spec = validSpec(object);
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

  private count(platform: PlatformSpec): Pick<PlatformOutcome, 'tenants' | 'versions'> {
    const objects = this.own.view.tenants.list();
    const all = objects.map((object) => ({ object, status: readStatus(object) }));
    const versions = all.flatMap(({ object, status }) => [
      validSpec(object)?.platformVersion,
      object.metadata.annotations?.[annotations.assignedVersion],
      status.platformVersion,
    ]);
    return {
      tenants: {
        total: all.length,
        ready: all.filter(({ status }) => status.phase === 'Ready').length,
        updated: all.filter(({ status }) => status.platformVersion === platform.version).length,
      },
      versions: new Set(versions.filter((version) => version !== undefined)),
    };
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
