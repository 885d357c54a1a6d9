import type { AppError } from '#libs/kernel/errors.js';
import { costMicroUsd, free, type ModelPrice } from '../domain/money.js';
import type { OfferedModel } from '../domain/model-catalogue.js';
import type { ReplyMeter } from '../domain/reply-meter.js';
import { estimateTokens, type CallStatus, type UsageEvent } from '../domain/usage.js';
import type { InferenceCall } from './inference-call.js';

/** Collects, while a call runs, what its usage event has to say. */
export class CallRecord {
  attempts = 0;
  private model = 'unknown';
  private backend = 'none';
  private price: ModelPrice = free;
  private status: CallStatus = 'ok';
  private errorCode: string | null = null;
  private meter: ReplyMeter | null = null;
  private firstByteAt: Date | null = null;

  constructor(
    private readonly call: InferenceCall,
    private readonly startedAt: Date,
  ) {}

  /** The model the call is about, from now on. A name nobody offers is not kept: anybody could make up thousands. */
  aims(offered: OfferedModel): void {
    this.model = offered.id;
    this.backend = offered.state.definition.name;
    this.price = offered.model.price;
  }

  answered(meter: ReplyMeter | null, firstByteAt: Date | null): void {
    this.meter = meter;
    this.firstByteAt = firstByteAt;
  }

  failed(error: AppError): void {
    this.status = 'error';
    this.errorCode = error.code;
  }

  aborted(): void {
    this.status = 'aborted';
  }

  /** The whole call, for metering. */
  toEvent(endedAt: Date): UsageEvent {
    const { requestId, tenant, kind, caller } = this.call;
    const counts = this.counts();
    return {
      id: requestId,
      tenant: tenant.id,
      at: endedAt,
      ...caller,
      kind,
      model: this.model,
      backend: this.backend,
      status: this.status,
      errorCode: this.errorCode,
      ...counts,
      costMicroUsd: costMicroUsd(this.price, counts.promptTokens, counts.completionTokens),
      firstTokenMs: this.firstByteAt === null ? null : this.firstByteAt.getTime() - this.startedAt.getTime(),
      totalMs: endedAt.getTime() - this.startedAt.getTime(),
      attempts: this.attempts,
    };
  }

  private counts(): { promptTokens: number; completionTokens: number; estimated: boolean } {
    const usage = this.meter?.usage() ?? null;
    if (usage !== null) return { ...usage, estimated: false };
    // Nothing came back: only one who hung up has set the server to work, as far as anybody can tell.
    const isWorkDone = this.meter !== null || (this.status === 'aborted' && this.attempts > 0);
    if (!isWorkDone) return { promptTokens: 0, completionTokens: 0, estimated: false };
    const isChat = this.call.kind === 'chat';
    return {
      promptTokens: estimateTokens(this.call.body.length),
      completionTokens: isChat ? (this.meter?.deliveredTokens() ?? 0) : 0,
      estimated: true,
    };
  }
}
