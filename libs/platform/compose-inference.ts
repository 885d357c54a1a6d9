import { join } from 'node:path';
import type { Provider } from '@nestjs/common';
import { Redis } from 'ioredis';
import { DemoServer } from '#libs/backends/demo/demo-server.js';
import { LoopbackFinder } from '#libs/backends/loopback-finder.js';
import { OpenAiCompatible } from '#libs/backends/openai-compatible.js';
import { ProviderServers } from '#libs/backends/provider-servers.js';
import { KeyAuthenticator } from '#libs/identity/ports/key-authenticator.js';
import { ServiceTokenVerifier } from '#libs/identity/ports/service-tokens.js';
import { Admission } from '#libs/inference/app/admission.js';
import { BackendKeys } from '#libs/inference/app/backend-keys.js';
import { BudgetLedger } from '#libs/inference/app/budget-ledger.js';
import { Complete } from '#libs/inference/app/complete.js';
import { KnownBackends } from '#libs/inference/app/known-backends.js';
import { ListModels } from '#libs/inference/app/list-models.js';
import { UsageWriter } from '#libs/inference/app/usage-writer.js';
import type { BackendRegistry } from '#libs/inference/ports/backend-registry.js';
import type { CallTelemetry } from '#libs/inference/ports/call-telemetry.js';
import type { Counters } from '#libs/inference/ports/counters.js';
import type { Deadlines } from '#libs/inference/ports/model-server.js';
import type { UsageStores } from '#libs/inference/ports/usage-store.js';
import { InProcessCounters } from '#libs/messaging/in-process-counters.js';
import { RedisCounters } from '#libs/messaging/redis-counters.js';
import { FileUsageSpill } from '#libs/persistence/file-usage-spill.js';
import { RouterTelemetry } from '#libs/telemetry/call-telemetry.js';
import { routerMetrics } from '#libs/telemetry/router-metrics.js';
import { Tracing } from '#libs/telemetry/tracing.js';
import type { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';
import type { Foundation } from './foundation.js';
import { TrustedProxies } from './trusted-proxies.js';

/** The part of the foundation that inference stands on. */
export type InferenceFoundation = Pick<
  Foundation,
  'config' | 'clock' | 'log' | 'metrics' | 'profiles' | 'secrets' | 'onClose'
> & { readonly sessions: TenantSessions<UsageStores> };

/** What the inference product needs beside the foundation. */
export interface InferenceParts {
  readonly registry: BackendRegistry;
  readonly keys: KeyAuthenticator;
  readonly serviceTokens: ServiceTokenVerifier;
  /** Left out: shared by all replicas of one Redis where there is one, else kept in this process. */
  readonly counters?: Counters;
  /** Longest waits of an attempt; left out: those below. */
  readonly deadlines?: Deadlines;
}

/** The inference product, ready to be served by RouterModule. */
export interface Inference {
  readonly providers: Provider[];
  readonly complete: Complete;
  readonly listModels: ListModels;
  readonly backends: KnownBackends;
  readonly usage: UsageWriter;
  /** Begins to look for model servers and to write usage left over; ends with the foundation. */
  start(): void;
}

/**
 * Longest waits. A first token may take two minutes: Ollama loads a 70B model from a cold disk first. A model
 * that has begun never pauses for a minute, and no answer is worth more than ten.
 */
const usualDeadlines: Deadlines = { connectMs: 5_000, firstTokenMs: 120_000, idleMs: 60_000, totalMs: 600_000 };

/** Before the one retry, in ms: long enough for a restarted worker, too short to be felt. */
function retryDelayMs(): number {
  return 50 + Math.random() * 200;
}

/** Builds the inference product from the foundation. */
export function composeInference(foundation: InferenceFoundation, parts: InferenceParts): Inference {
  const { clock, profiles } = foundation;
  const telemetry = composeTelemetry(foundation);
  const ledger = new BudgetLedger(foundation.sessions, clock);
  const counters = parts.counters ?? composeCounters(foundation);
  const usage = composeUsage(foundation, ledger, telemetry);
  const { server, keys, backends } = composeBackends(foundation, parts.registry, telemetry);
  const complete = new Complete({
    profiles,
    backends,
    keys,
    server,
    usage,
    telemetry,
    clock,
    retryDelayMs,
    admission: new Admission(ledger, counters, clock, telemetry),
    deadlines: parts.deadlines ?? usualDeadlines,
  });
  const listModels = new ListModels(profiles, backends);
  foundation.onClose(() => counters.close());
  return {
    complete,
    listModels,
    backends,
    usage,
    providers: [
      { provide: Complete, useValue: complete },
      { provide: ListModels, useValue: listModels },
      { provide: KeyAuthenticator, useValue: parts.keys },
      { provide: ServiceTokenVerifier, useValue: parts.serviceTokens },
      { provide: TrustedProxies, useValue: new TrustedProxies(foundation.config.trustedProxies) },
    ],
    start: () => {
      backends.start();
      usage.start();
    },
  };
}

/** A counter that is late is no use: calls go on without it. In ms. */
const countersTimeoutMs = 500;

function composeCounters({ config, clock }: InferenceFoundation): Counters {
  if (config.redisUrl === undefined) return new InProcessCounters(clock);
  const redis = new Redis(config.redisUrl, {
    commandTimeout: countersTimeoutMs,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
  });
  // ioredis tells of every failed connection here, too; each command that suffers is reported on its own.
  redis.on('error', () => undefined);
  return new RedisCounters(redis);
}

function composeTelemetry({ config, metrics, log, onClose }: InferenceFoundation): CallTelemetry {
  const tracing = Tracing.create({
    endpoint: config.otlpEndpoint ?? null,
    ratio: config.traceRatio,
    service: 'whisper-router',
  });
  onClose(() => tracing.close());
  return new RouterTelemetry(routerMetrics(metrics), tracing, log);
}

function composeUsage(
  { config, sessions, clock, onClose }: InferenceFoundation,
  ledger: BudgetLedger,
  telemetry: CallTelemetry,
): UsageWriter {
  const spill = new FileUsageSpill(join(config.data, 'spill'));
  const usage = new UsageWriter({ sessions, spill, ledger, clock, telemetry });
  onClose(() => usage.close());
  return usage;
}

function composeBackends(
  { config, secrets, clock, onClose }: InferenceFoundation,
  registry: BackendRegistry,
  telemetry: CallTelemetry,
) {
  const openai = new OpenAiCompatible();
  const server = new ProviderServers(openai, new DemoServer());
  const keys = new BackendKeys(secrets, clock);
  const finder = config.probeModels ? new LoopbackFinder(config.probePorts) : null;
  const backends = new KnownBackends({ registry, finder, server, keys, telemetry });
  onClose(() => openai.close());
  onClose(() => Promise.resolve(backends.close()));
  return { server, keys, backends };
}
