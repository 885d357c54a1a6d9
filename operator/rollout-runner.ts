import type { ClusterView } from './cluster-view.js';
import { annotations, fieldManagers } from './kinds.js';
import type { Notices } from './notices.js';
import type { PlatformState } from './platform-state.js';
import { decideRollout, type RolloutDecision, timeOf } from './rollout.js';
import { followerOf, follows } from './rollout-followers.js';
import type { Assignment, Rollout, RolloutTenant } from './rollout-tenant.js';
import type { KubeClient } from './runtime/client.js';
import { hasStatus } from './runtime/kube-api-error.js';
import type { KubeObject } from './runtime/kube-object.js';
import { validSpec } from './tenant-work.js';

interface RunnerParts {
  readonly client: KubeClient;
  readonly view: ClusterView;
  readonly notices: Notices;
  readonly now: () => Date;
}

/** A decision, and the tenants it was made about. */
export interface RolloutStep extends RolloutDecision {
  readonly tenants: readonly RolloutTenant[];
}

/** What we wrote on a tenant and may not have seen in the watch yet. */
interface Given {
  readonly annotations: Readonly<Record<string, string>>;
  readonly until: number;
}

/** A watch that is behind for longer than this is a watch that broke, and its list brings the truth. */
const seenWithinMs = 10_000;

/** Carries out what `decideRollout` decides: the version of each tenant is an annotation on it. */
export class RolloutRunner {
  private readonly given = new Map<string, Given>();
  private readonly leadsSince: Date;

  constructor(private readonly own: RunnerParts) {
    this.leadsSince = own.now();
  }

  /** What is to be done now; nothing is written. `before`: the rollout as it was written last. */
  decide(platform: PlatformState, before: Rollout | undefined): RolloutStep {
    const { view } = this.own;
    const now = this.own.now();
    const look = { platform, childrenOf: (name: string) => view.childrenOf(name), now, leadsSince: this.leadsSince };
    const tenants = this.objects().flatMap((object) => followerOf(object, look) ?? []);
    const { spec } = platform;
    const reached = platform.reached ?? usual(tenants) ?? spec.version;
    const decision = decideRollout({ version: spec.version, reached, settings: spec.rollout, before, tenants, now });
    return { ...decision, tenants };
  }

  /** Gives versions to tenants. What was decided and not done, because we died, is decided again. */
  async give(assignments: readonly Assignment[], signal: AbortSignal): Promise<void> {
    const objects = new Map(this.objects().map((object) => [object.metadata.name, object]));
    for (const { tenant, version, isNoProof } of assignments) {
      const object = objects.get(tenant);
      if (object === undefined) continue;
      const wanted = {
        [annotations.assignedVersion]: version,
        [annotations.assignedAt]: timeOf(this.own.now()),
        ...(isNoProof ? { [annotations.assignedWhileDown]: 'true' } : {}),
      };
      if (await this.annotate(object, wanted, signal))
        this.own.notices.event(object, 'Normal', 'VersionAssigned', `The rollout gave it version ${version}.`);
    }
  }

  /** Takes versions from tenants that follow no more, so that an old one does not come back with them. */
  async release(signal: AbortSignal): Promise<void> {
    for (const object of this.objects()) {
      if (object.metadata.annotations?.[annotations.assignedVersion] === undefined) continue;
      const spec = validSpec(object);
      if (spec === null || follows(spec) || object.metadata.deletionTimestamp !== undefined) continue;
      await this.annotate(object, {}, signal);
    }
  }

  /** The tenants, with what we gave them. */
  private objects(): readonly KubeObject[] {
    const now = this.own.now().getTime();
    return this.own.view.tenants.list().map((object) => {
      const { metadata } = object;
      const given = this.given.get(keyOf(object));
      if (given === undefined) return object;
      const isSeen = ours.every((name) => metadata.annotations?.[name] === given.annotations[name]);
      if (!isSeen && now < given.until) return withNotes(object, given.annotations);
      this.given.delete(keyOf(object));
      return object;
    });
  }

  private async annotate(
    object: KubeObject,
    wanted: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { apiVersion, kind, metadata } = object;
    const { name, uid } = metadata;
    const head = { name, ...(uid === undefined ? {} : { uid }), annotations: wanted };
    try {
      await this.own.client.apply(
        { apiVersion, kind, metadata: head },
        { fieldManager: fieldManagers.rollout, force: true, signal },
      );
    } catch (error) {
      // It went away, or another one has its name now.
      if (hasStatus(error, 404) || hasStatus(error, 409)) return false;
      throw error;
    }
    this.given.set(keyOf(object), { annotations: wanted, until: this.own.now().getTime() + seenWithinMs });
    return true;
  }
}

const ours: readonly string[] = [annotations.assignedVersion, annotations.assignedAt, annotations.assignedWhileDown];

function withNotes(object: KubeObject, wanted: Readonly<Record<string, string>>): KubeObject {
  const kept = Object.entries(object.metadata.annotations ?? {}).filter(([name]) => !ours.includes(name));
  return { ...object, metadata: { ...object.metadata, annotations: { ...Object.fromEntries(kept), ...wanted } } };
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.name}/${metadata.uid ?? ''}`;
}

/** The version that most of them run: where a platform was made anew, nobody has written down which one that is. */
function usual(tenants: readonly RolloutTenant[]): string | null {
  const counts = new Map<string, number>();
  for (const { running } of tenants) if (running !== null) counts.set(running, (counts.get(running) ?? 0) + 1);
  const [most] = [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  return most?.[0] ?? null;
}
