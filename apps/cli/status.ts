import type { Command } from 'commander';
import { PlatformStatus, TenantStatus } from '#libs/contracts/object-status.js';
import { platformName } from '#libs/contracts/platform-spec.js';
import { tenantChildren } from '#libs/platform/tenant-children.js';
import { annotations, platformKind, tenantKind } from '#operator/kinds.js';
import type { KubeClient } from '#operator/runtime/client.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { addClusterOptions, type ClusterOptions, clusterTenant, withCluster } from './cluster.js';
import { table } from './table.js';

/** `whisper status`: what `kubectl get wt` says, or everything about one tenant as a tree. */
export function addStatus(program: Command): void {
  addClusterOptions(
    program
      .command('status')
      .description('tell how the tenants of a cluster are, or one of them with its conditions and objects')
      .argument('[tenant]', 'name of a tenant'),
  ).action((tenant: string | undefined, options: ClusterOptions) =>
    withCluster(options, async (client) => {
      process.stdout.write(tenant === undefined ? await overview(client) : await tree(client, tenant));
    }),
  );
}

function statusOf(object: KubeObject): TenantStatus {
  return TenantStatus.safeParse(object['status'] ?? {}).data ?? {};
}

function conditionOf(status: TenantStatus, type: string) {
  return status.conditions?.find((condition) => condition.type === type);
}

/** Every tenant of the cluster, a line each, and the rollout that is not over. */
export async function overview(client: KubeClient): Promise<string> {
  const [{ items }, platform] = await Promise.all([
    client.list(tenantKind),
    client.find({ ...platformKind, name: platformName }),
  ]);
  const rows = items.map((object) => {
    const status = statusOf(object);
    const ready = conditionOf(status, 'Ready');
    const { shard = '-', host = '-' } = status;
    return [object.metadata.name, ready?.status ?? 'Unknown', ready?.reason ?? '-', shard, versionOf(object), host];
  });
  const { rollout } = PlatformStatus.safeParse(platform?.['status'] ?? {}).data ?? {};
  return table([['NAME', 'READY', 'STATUS', 'SHARD', 'VERSION', 'HOST'], ...rows]) + rolloutLine(rollout);
}

/** The version that runs, and the one it is on its way to. */
function versionOf(object: KubeObject): string {
  const { platformVersion = '-' } = statusOf(object);
  const assigned = object.metadata.annotations?.[annotations.assignedVersion] ?? platformVersion;
  return assigned === platformVersion ? platformVersion : `${platformVersion}->${assigned}`;
}

function rolloutLine(rollout: PlatformStatus['rollout']): string {
  if (rollout === undefined || rollout.phase === 'Complete') return '';
  const { version, phase, ring = 'canary', previousVersion, message, failed = [] } = rollout;
  const after = previousVersion === undefined ? '' : ` after ${previousVersion}`;
  const about = failed.length === 0 ? [] : [`Failed: ${failed.join(', ')}.`];
  const lines = [`Version ${version}${after}: ${phase}, ring ${ring}.`, ...about];
  return `\n${[...lines, ...(message === undefined ? [] : [message])].join('\n')}\n`;
}

function numberIn(value: unknown, name: string): number {
  const found: unknown = typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : 0;
  return typeof found === 'number' ? found : 0;
}

function stateOf(object: KubeObject): string {
  if (object.metadata.deletionTimestamp !== undefined) return 'being deleted';
  if (object.kind !== 'Deployment') return '';
  return `${numberIn(object['status'], 'availableReplicas')}/${numberIn(object['spec'], 'replicas')} serve`;
}

function branches(lines: readonly string[], indent: string): string {
  return lines.map((line, index) => `${indent}${index === lines.length - 1 ? '└─' : '├─'} ${line}\n`).join('');
}

async function tree(client: KubeClient, name: string): Promise<string> {
  const object = await clusterTenant(client, name);
  const status = statusOf(object);
  const ready = conditionOf(status, 'Ready');
  const facts = [
    status.phase,
    status.platformVersion === undefined ? undefined : versionOf(object),
    status.shard === undefined ? undefined : `shard ${status.shard}`,
  ];
  const head = [name, ...facts.filter((fact) => fact !== undefined)].join('  ');
  const conditions = (status.conditions ?? []).map(
    ({ type, status: is, reason, message }) => `${type.padEnd(20)} ${is.padEnd(8)} ${reason}: ${message}`,
  );
  const endpoints = (status.endpoints ?? []).map(({ name: endpoint, url }) => `${endpoint.padEnd(20)} ${url}`);
  const children = await tenantChildren(client, name);
  const objects = children.map((child) => `${child.kind} ${child.metadata.name}  ${stateOf(child)}`.trimEnd());
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? '' : `${title}\n${branches(lines, '  ')}`;
  return [
    `${head}\n`,
    ready === undefined ? 'The operator has not looked at it yet.\n' : '',
    section('Conditions', conditions),
    section('Addresses', endpoints),
    section(status.namespace === undefined ? 'Objects' : `Objects of ${status.namespace}`, objects),
  ].join('');
}
