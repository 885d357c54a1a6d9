import type { TenantStatus } from '#libs/contracts/object-status.js';
import { platformName } from '#libs/contracts/platform-spec.js';
import type { OperatorParts } from '#libs/platform/compose-operator.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Applier, ApplyReport } from './applier.js';
import type { ClusterView } from './cluster-view.js';
import { type Finding, toConditions } from './conditions.js';
import type { TenantDeletion } from './deletion.js';
import type { Notices } from './notices.js';
import { platformState, versionFor } from './platform-state.js';
import { desired } from './resources/desired.js';
import { imageOf } from './resources/image.js';
import { type Capabilities, isAsleep, type RenderInput } from './resources/render-input.js';
import type { Reconcile, ReconcileResult } from './runtime/controller.js';
import type { KubeObject } from './runtime/kube-object.js';
import type { StatusWriter } from './status-writer.js';
import { giveAccess, takeAccess } from './steps/access.js';
import { isUnreachable } from './shard-state.js';
import { healthOf } from './steps/health.js';
import { place } from './steps/place.js';
import { resolveSecrets } from './steps/secrets.js';
import { sharedFinding } from './steps/shared-apps.js';
import { checkSso } from './steps/sso.js';
import { type Outcome, tenantStatus } from './tenant-status.js';
import { isPaused, readSpec, readStatus, type TenantWork } from './tenant-work.js';

interface ReconcilerParts {
  readonly view: ClusterView;
  readonly parts: OperatorParts;
  readonly applier: Applier;
  readonly status: StatusWriter;
  readonly deletion: TenantDeletion;
  readonly notices: Notices;
  readonly namespace: string;
  readonly capabilities: () => Capabilities;
  readonly clusterKeys: () => string | null;
  readonly now: () => Date;
  /** Tenants whose schema lacks a migration of this version; each is taken out when it has it. */
  readonly outdated: Set<string>;
  /** 0 to 1: spreads what would otherwise come at once. */
  readonly random: () => number;
}

/** Everything is looked at again this often, whatever the watches said: controller-runtime's 10 hours. */
const resyncMs = 10 * 3_600_000;
/** What should come true by itself is looked at again this soon, in case its event was missed. */
const progressMs = 30_000;

/** A round showed a failure that a repetition may mend: the queue waits longer each time. */
class NotDone extends Error {
  constructor(finding: Finding) {
    super(`${finding.type} ${finding.reason}: ${finding.message}`);
    this.name = 'NotDone';
  }
}

/** Brings one tenant to what its manifest asks for. Never asks what woke it; running it twice changes nothing. */
export class TenantReconciler {
  constructor(private readonly own: ReconcilerParts) {}

  readonly reconcile: Reconcile = async (name, { signal }) => {
    const object = this.own.view.tenants.get(name);
    if (object === undefined) return {};
    if (object.metadata.deletionTimestamp !== undefined) return this.own.deletion.run(object, signal);
    if (isPaused(object)) return this.pause(object, signal);
    const found = this.own.view.platforms.get(platformName);
    const platform = platformState(found);
    if (platform === null) return this.refuse(object, noPlatform(found !== undefined), signal);
    const read = readSpec(object);
    if (read.kind === 'invalid') return this.refuse(object, invalid(read.message), signal, true);
    await this.own.deletion.protect(object, signal);
    const status = readStatus({ ...object, status: this.own.status.current(object) });
    const version = versionFor({ ...object, status }, read.spec, platform);
    const work: TenantWork = {
      object,
      name,
      uid: object.metadata.uid ?? '',
      generation: object.metadata.generation ?? 0,
      spec: read.spec,
      status,
      platform: platform.spec,
      version,
      image: imageOf(platform.spec, version, platform.images),
      signal,
    };
    return this.run(status.conditions === undefined ? await this.begin(work) : work);
  };

  /** The first word about a tenant is that nothing is known: a reader must not take silence for health. */
  private async begin(work: TenantWork): Promise<TenantWork> {
    const message = 'The operator has begun.';
    const findings: Finding[] = [
      { type: 'Ready', status: 'Unknown', reason: 'Reconciling', message },
      { type: 'Reconciling', status: 'True', reason: 'Reconciling', message },
    ];
    const status: TenantStatus = {
      observedGeneration: work.generation,
      phase: 'Pending',
      conditions: [...toConditions(findings, [], work.generation, this.own.now())],
    };
    await this.own.status.write(work.object, status, work.signal);
    return { ...work, status };
  }

  private async run(work: TenantWork): Promise<ReconcileResult> {
    const { view, parts, namespace, notices } = this.own;
    const placed = await place(work, {
      registry: parts.registry,
      outdated: this.own.outdated,
      isUnreachable: (shard) => isUnreachable(view.shards.get(shard)),
    });
    const secrets = resolveSecrets(work, view, namespace);
    const sso = await checkSso(work, placed.compiled, secrets.secrets, parts.sso);
    const workloads = await this.workloads(work, placed.compiled, secrets);
    const findings = [placed.finding, secrets.finding, sso, ...workloads.findings];
    const outcome: Outcome = {
      findings,
      compiled: placed.compiled,
      live: workloads.report.live,
      desired: workloads.desired,
      drift: workloads.report.drift,
      isStalled: placed.compiled === null && !placed.isRetryable,
    };
    const status = tenantStatus(work, outcome, this.own.now());
    const isNew = await this.own.status.write(work.object, status, work.signal);
    notices.tell(work, status, { drift: outcome.drift, isNew });
    return this.next(outcome, status);
  }

  private next({ findings, isStalled }: Outcome, status: TenantStatus): ReconcileResult {
    const failed = findings.find((finding) => finding.status === 'False' && finding.type !== 'AutoscalingActive');
    if (failed !== undefined && !isStalled) throw new NotDone(failed);
    const isAtRest =
      isStalled || status.phase === 'Ready' || status.phase === 'Suspended' || status.phase === 'Hibernated';
    return { requeueAfterMs: isAtRest ? resyncMs * (0.9 + 0.2 * this.own.random()) : progressMs };
  }

  private async workloads(work: TenantWork, compiled: Tenant | null, secrets: ReturnType<typeof resolveSecrets>) {
    const nothing: ApplyReport = { failures: [], drift: [], live: [] };
    const { view, parts, applier } = this.own;
    if (compiled === null) return { findings: [], report: nothing, desired: 0 };
    if (work.spec.isolation === 'pooled') {
      const report = await applier.apply(work.name, [], work.signal);
      const served = work.spec.suspended === true ? [] : [sharedFinding(view.sharedApps.list(), this.own.namespace)];
      return { findings: [...(await takeAccess(work, compiled, parts)), ...served], report, desired: 0 };
    }
    const nowMs = this.own.now().getTime();
    const clusterKeys = this.own.clusterKeys();
    const { finding, access } = await giveAccess(work.name, compiled, applier, { parts, clusterKeys, nowMs });
    if (access === null) return { findings: [finding], report: nothing, desired: 0 };
    const { namespace: operatorNamespace } = this.own;
    const capabilities = this.own.capabilities();
    const { version, image } = work;
    const facts = { version, image, ...secrets, ...access, operatorNamespace, addresses: {}, capabilities };
    const input: RenderInput = { tenant: work, platform: work.platform, compiled, facts };
    const objects = desired(input);
    const report = await applier.apply(work.name, objects, work.signal);
    const health = healthOf(report.live, report.failures, !isAsleep(input));
    return { findings: [finding, ...health, ...routeFinding(input)], report, desired: objects.length };
  }

  private async pause(object: KubeObject, signal: AbortSignal): Promise<ReconcileResult> {
    const status = readStatus({ ...object, status: this.own.status.current(object) });
    const message = 'The annotation whisperengine.ai/paused is set: the operator changes nothing.';
    const paused: Finding = { type: 'Paused', status: 'True', reason: 'Paused', message };
    const kept = (status.conditions ?? []).filter(({ type }) => type !== 'Paused');
    const [condition] = toConditions(
      [paused],
      status.conditions ?? [],
      object.metadata.generation ?? 0,
      this.own.now(),
    );
    const conditions = condition === undefined ? kept : [...kept, condition];
    await this.own.status.write(object, { ...status, conditions }, signal);
    return {};
  }

  /** Nothing can be done before somebody changes something. */
  private async refuse(
    object: KubeObject,
    ready: Finding,
    signal: AbortSignal,
    isStalled = false,
  ): Promise<ReconcileResult> {
    const before = readStatus({ ...object, status: this.own.status.current(object) });
    const stalled: Finding = { ...ready, type: 'Stalled', status: isStalled ? 'True' : 'False' };
    const generation = object.metadata.generation ?? 0;
    const conditions = toConditions([ready, stalled], before.conditions ?? [], generation, this.own.now());
    const status = { ...before, observedGeneration: generation, phase: isStalled ? 'Failed' : 'Pending', conditions };
    await this.own.status.write(object, status, signal);
    return {};
  }
}

/** Why no request from outside could reach the tenant, whatever was applied. */
function routeFinding({ compiled, platform, facts }: RenderInput): readonly Finding[] {
  const no = (reason: string, message: string): readonly Finding[] => [
    { type: 'RouteReady', status: 'False', reason, message },
  ];
  if (compiled.hosts.length === 0)
    return no('NoHost', 'The tenant has no host name. Set spec.domains, or publicUrl of the WhisperPlatform.');
  if (platform.ingress.type !== 'gateway' || facts.capabilities.gatewayApi) return [];
  return no(
    'NoGatewayApi',
    'The cluster has no HTTPRoutes of gateway.networking.k8s.io/v1. Install the Gateway API, or set ingress.type of the WhisperPlatform to ingress.',
  );
}

function noPlatform(isThere: boolean): Finding {
  const message = isThere
    ? 'The WhisperPlatform "whisper" is not valid.'
    : 'There is no WhisperPlatform named "whisper". The chart makes one; else apply one that says version: <version>.';
  return { type: 'Ready', status: 'False', reason: isThere ? 'PlatformInvalid' : 'NoPlatform', message };
}

function invalid(message: string): Finding {
  return { type: 'Ready', status: 'False', reason: 'InvalidSpec', message };
}
