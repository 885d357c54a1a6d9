import type { Clock } from '#libs/kernel/clock.js';
import { AppError, asAppError } from '#libs/kernel/errors.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import { failureError, isGone, isWorthRetrying, mayFallBack, midStreamError } from '../domain/backend-failure.js';
import { mustAskUsage, rewriteBody } from '../domain/body-rewrite.js';
import { scanBody, type BodyFields } from '../domain/body-scan.js';
import { costMicroUsd, free } from '../domain/money.js';
import type { ModelCatalogue, OfferedModel } from '../domain/model-catalogue.js';
import { estimateTokens } from '../domain/usage.js';
import type { CallTelemetry, CallTrace } from '../ports/call-telemetry.js';
import type { ClientReply } from '../ports/client-reply.js';
import type { Attempt, Deadlines, ModelServer } from '../ports/model-server.js';
import type { Admission, Admitted, Demand } from './admission.js';
import type { BackendKeys } from './backend-keys.js';
import { CallRecord } from './call-record.js';
import { Departure } from './departure.js';
import type { InferenceCall } from './inference-call.js';
import type { KnownBackends } from './known-backends.js';
import { Relay, type RelayEnd } from './relay.js';
import type { UsageWriter } from './usage-writer.js';

export interface CompleteParts {
  readonly profiles: TenantProfiles;
  readonly backends: KnownBackends;
  readonly admission: Admission;
  readonly keys: BackendKeys;
  readonly server: ModelServer;
  readonly usage: UsageWriter;
  readonly telemetry: CallTelemetry;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  /** Pause before the retry, in ms; random, so that clients which failed together do not come back together. */
  readonly retryDelayMs: () => number;
}

/** Tokens an answer is thought to take where the client sets no limit: about the 90th percentile of chat answers. */
const usualAnswerTokens = 512;

/** What a call has been found to mean. */
interface Plan {
  readonly fields: BodyFields;
  /** The model asked for, then the tenant's fallback models. */
  readonly candidates: readonly OfferedModel[];
}

/** A call on its way. */
interface Run {
  readonly call: InferenceCall;
  readonly reply: ClientReply;
  readonly record: CallRecord;
  readonly trace: CallTrace;
  readonly departure: Departure;
}

/**
 * Answers one chat completion or embeddings call: policy, choice of backend, attempts, relay, metering.
 * Every call that gets here leaves exactly one usage event, whatever becomes of it.
 */
export class Complete {
  constructor(private readonly parts: CompleteParts) {}

  /**
   * Resolves when the reply has ended, the client has left, or a reply that had begun was ended with an error.
   * @throws {AppError} before the reply has begun: bad_request, invalid_json, model_not_found, no_models,
   *   rate_limited, budget_exhausted, backend_unavailable, backend_timeout, backend_refused
   */
  async run(call: InferenceCall, reply: ClientReply): Promise<void> {
    const record = new CallRecord(call, this.parts.clock.now());
    const trace = this.parts.telemetry.start(call.tenant, call.kind, call.traceparent);
    const run: Run = { call, reply, record, trace, departure: new Departure() };
    let admitted: Admitted | null = null;
    try {
      const { models } = await this.parts.profiles.effective(call.tenant);
      const plan = readPlan(call, models.fallback ?? [], await this.parts.backends.catalogue(models), record);
      admitted = await this.parts.admission.admit(call.tenant, models, demandOf(call, plan));
      reply.onAbort(() => run.departure.happen());
      await this.deliver(run, plan);
    } catch (error) {
      record.failed(asAppError(error));
      throw error;
    } finally {
      this.settle(run, admitted);
    }
  }

  private settle({ call, record, trace }: Run, admitted: Admitted | null): void {
    const event = record.toEvent(this.parts.clock.now());
    this.parts.usage.record(event);
    trace.end(event);
    if (admitted === null) return;
    this.parts.admission

      .settle(call.tenant, { requestId: call.requestId, admitted }, event.promptTokens + event.completionTokens)
      .catch((error: unknown) => this.parts.telemetry.backgroundFailed('settle', error));
  }

  private async deliver(run: Run, plan: Plan): Promise<void> {
    let failure: AppError | null = null;
    for (const offered of plan.candidates) {
      const end = await this.tryModel(run, plan, offered);
      if (end.kind === 'complete') return;
      if (end.kind === 'aborted') return run.record.aborted();
      if (end.hasBegun) return this.breakOff(run, midStreamError(end.failure));
      failure = failureError(end.failure, offered.state.definition.name, this.parts.clock.now());
      if (!mayFallBack(end.failure)) break;
    }
    throw failure ?? new AppError('no_models', 'No model could be tried.');
  }

  private breakOff(run: Run, error: AppError): void {
    run.record.failed(error);
    run.reply.fail(error);
  }

  /** One attempt; a second one for the model asked for, when that is worth it and nothing was sent yet. */
  private async tryModel(run: Run, plan: Plan, offered: OfferedModel): Promise<RelayEnd> {
    const first = await this.attempt(run, plan, offered);
    if (first.kind !== 'failed' || first.hasBegun) return first;
    if (offered !== plan.candidates[0] || !isWorthRetrying(first.failure)) return first;
    await run.departure.orPause(this.parts.retryDelayMs());
    return this.attempt(run, plan, offered);
  }

  private async attempt(run: Run, plan: Plan, offered: OfferedModel): Promise<RelayEnd> {
    if (run.departure.hasHappened) return { kind: 'aborted' };
    run.record.aims(offered);
    run.record.attempts += 1;
    const { definition } = offered.state;
    const key = await this.keyOf(offered);
    if (typeof key === 'object' && key !== null) return this.failed(run, offered, key);
    const relay = this.relay(run, plan, offered);
    const attempt = this.parts.server.send(
      {
        backend: definition,
        apiKey: key,
        path: run.call.kind === 'chat' ? 'chat/completions' : 'embeddings',
        body: rewriteBody(run.call.body, plan.fields, { model: offered.model.id, wantsUsage: true }),
        deadlines: this.deadlinesOf(plan.fields),
        traceparent: run.trace.traceparent,
      },
      relay,
    );
    const end = await this.follow(run, relay, attempt);
    run.record.answered(relay.meter, relay.firstByteAt);
    return end.kind === 'failed' ? this.failed(run, offered, end) : end;
  }

  private async follow(run: Run, relay: Relay, attempt: Attempt): Promise<RelayEnd> {
    run.reply.onDrain(() => attempt.resume());
    run.departure.onHappen(() => {
      attempt.abort();
      relay.abort();
    });
    const end = await relay.ended;
    // An answer that turned out to be an error in disguise is still open.
    if (end.kind === 'failed') attempt.abort();
    return end;
  }

  private failed(run: Run, offered: OfferedModel, end: Extract<RelayEnd, { kind: 'failed' }>): RelayEnd {
    run.trace.attemptFailed(offered.state.definition.name, end.failure);
    if (isGone(end.failure)) this.parts.backends.suspect(offered.state.definition);
    return end;
  }

  private relay(run: Run, plan: Plan, offered: OfferedModel): Relay {
    const asked = plan.candidates[0];
    const head = {
      requestId: run.call.requestId,
      model: offered.id,
      backend: offered.state.definition.name,
      isDemo: offered.state.definition.source === 'demo',
      attempts: run.record.attempts,
      price: offered.model.price,
      fallbackFrom: asked === undefined || asked === offered ? null : asked.id,
    };
    return new Relay(run.reply, { head, dropsUsage: mustAskUsage(plan.fields) }, this.parts.clock);
  }

  /** A key that is missing counts as the backend's refusal, so that a fallback model may still answer. */
  private async keyOf(offered: OfferedModel): Promise<string | null | Extract<RelayEnd, { kind: 'failed' }>> {
    try {
      return await this.parts.keys.read(offered.state.definition);
    } catch (error) {
      // Where the key has to be put is for the administrator's page, not for every caller.
      const { message } = asAppError(error);
      const failure = { kind: 'refused', status: 401, message, field: null } as const;
      return { kind: 'failed', failure: { ...failure, retryAfterMs: null }, hasBegun: false };
    }
  }

  /** A reply that is not streamed comes in one piece at the end: its first byte may take as long as all of it. */
  private deadlinesOf(fields: BodyFields): Deadlines {
    const { deadlines } = this.parts;
    return fields.stream ? deadlines : { ...deadlines, firstTokenMs: deadlines.totalMs };
  }
}

function demandOf({ requestId, kind, body, caller }: InferenceCall, { fields, candidates }: Plan): Demand {
  const prompt = estimateTokens(body.length);
  const answer = kind === 'embeddings' ? 0 : (fields.maxTokens ?? usualAnswerTokens) * fields.n;
  const price = candidates[0]?.model.price ?? free;
  const { keyId, keyLimits } = caller;
  const key = keyId === null || keyLimits === null ? null : { id: keyId, limits: keyLimits };
  return { requestId, key, tokens: prompt + answer, microUsd: costMicroUsd(price, prompt, answer) };
}

function readPlan(
  call: InferenceCall,
  fallback: readonly string[],
  catalogue: ModelCatalogue,
  record: CallRecord,
): Plan {
  const fields = readFields(call.body);
  const asked = catalogue.find(fields.model);
  if (asked === null) throw unknownModel(fields.model, catalogue);
  record.aims(asked);
  // Vectors of another model mean something else: embeddings never fall back.
  const others = call.kind === 'chat' ? fallback.map((id) => catalogue.find(id)) : [];
  const usable = others.filter((model) => model !== null && model.state.definition.source !== 'demo');
  return { fields, candidates: [...new Set([asked, ...usable.filter((model) => model !== null)])] };
}

function readFields(body: Buffer): BodyFields {
  const scan = scanBody(body);
  switch (scan.kind) {
    case 'fields':
      return scan.fields;
    case 'invalid-json':
      throw new AppError('invalid_json', `The body is not a JSON object (byte ${scan.at}).`);
    case 'invalid-field':
      throw new AppError('bad_request', `"${scan.field}" ${scan.problem}.`, { field: scan.field });
  }
}

function unknownModel(id: string, catalogue: ModelCatalogue): AppError {
  if (catalogue.models.length === 0 && catalogue.problem !== null) {
    return new AppError('no_models', catalogue.problem.message, { action: catalogue.problem.action });
  }
  const namesakes = catalogue.models.filter(({ model }) => model.id === id).map((model) => model.id);
  const hint = namesakes.length > 1 ? ` Several backends have it: ${namesakes.join(', ')}.` : '';
  return new AppError('model_not_found', `There is no model "${id}" for this organisation.${hint}`, { field: 'model' });
}
