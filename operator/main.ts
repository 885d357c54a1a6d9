import { Command, InvalidArgumentError } from 'commander';
import { Registry } from 'prom-client';
import { asAppError } from '#libs/kernel/errors.js';
import { openOperator } from '#libs/platform/compose-operator.js';
import { loadConfig } from '#libs/platform/load-config.js';
import { openLog } from '#libs/platform/open-log.js';
import { Operator } from './operator.js';
import { connectionOf } from './runtime/kubeconfig.js';
import { electionTimes } from './runtime/leader-election.js';
import { startProbes } from './runtime/probes.js';
import { SystemTimers } from './runtime/timers.js';

interface Options {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  readonly secrets?: string;
  readonly snapshots?: string;
  readonly listen: string;
  readonly lease: number;
}

/** Shorter ones are lost by a busy machine, and nobody wants to wait longer for the next leader. */
const leaseBounds = { least: 2, most: 300 } as const;

function leaseSeconds(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= leaseBounds.least && value <= leaseBounds.most) return value;
  throw new InvalidArgumentError(`Whole seconds from ${leaseBounds.least} to ${leaseBounds.most}, please.`);
}

const program = new Command('whisper-operator')
  .description('Reconciles WhisperTenant objects and what stands around them in a Kubernetes cluster.')
  .option('--kubeconfig <file>', 'kubeconfig; left out: the pod’s own service account, else $KUBECONFIG')
  .option('--context <name>', 'context of the kubeconfig')
  .option('--namespace <name>', 'namespace of its lease and of the Secrets that manifests name', 'whisper-system')
  .option('--database-url <url>', 'control database, with a login that may create roles (DATABASE_URL)')
  .option('--redis-url <url>', 'Redis, with a login that may change ACLs (REDIS_URL)')
  .option('--secrets <dir>', 'folder with the master key (WHISPER_SECRETS)')
  .option('--snapshots <dir>', 'folder for the data of tenants that are deleted with deletionPolicy Snapshot')
  .option('--lease <seconds>', 'how long a leader may be silent before another one takes over', leaseSeconds, 15)
  .option('--leader-elect', 'kept for the habit: one replica always leads')
  .option('--listen <address>', 'where /livez, /readyz and /metrics answer', '127.0.0.1:8080')
  .showHelpAfterError('(--help tells the options)');

function tell(error: unknown): void {
  const { message, action, code } = asAppError(error);
  process.stderr.write(`whisper operator: ${message}\n         ${action} (${code})\n`);
}

async function run(options: Options): Promise<void> {
  const base = loadConfig(options.secrets === undefined ? {} : { secrets: options.secrets });
  const { databaseUrl = base.databaseUrl, redisUrl = base.redisUrl } = options;
  const config = { ...base, databaseUrl, redisUrl };
  const log = await openLog(config, 'whisper-operator', false);
  const parts = await openOperator(config, log);
  const metrics = new Registry();
  const { kubeconfig, context, namespace = 'whisper-system', snapshots = null, listen } = options;
  const operator = new Operator({
    connection: connectionOf({
      ...(kubeconfig === undefined ? {} : { path: kubeconfig }),
      ...(context === undefined ? {} : { context }),
    }),
    parts,
    timers: new SystemTimers(),
    log,
    metrics,
    namespace,
    snapshots,
    election: electionTimes(options.lease * 1000),
  });
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const [host = '127.0.0.1', port = '8080'] = splitAddress(listen);
  const probes = await startProbes({
    host,
    port: Number(port),
    registry: metrics,
    live: { workers: () => (operator.isStuck ? 'a worker does not come back' : null) },
    ready: { watches: () => (operator.isReady ? null : 'not everything has been seen yet') },
    measure: () => operator.measure(),
  });
  log.info({ namespace, listen }, 'the operator runs');
  try {
    await operator.run(stop.signal);
  } finally {
    await probes.close();
    await parts.close();
  }
}

function splitAddress(listen: string): readonly string[] {
  const at = listen.lastIndexOf(':');
  return [listen.slice(0, at), listen.slice(at + 1)];
}

program.action(async (options: Options) => {
  try {
    await run(options);
    process.exit(0);
  } catch (error) {
    tell(error);
    process.exit(1);
  }
});
await program.parseAsync(process.argv);
