import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace, TraceFlags, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import type { TurnState } from '#libs/chat/domain/turn.js';
import type { UsageEvent } from '#libs/inference/domain/usage.js';

export interface TracingOptions {
  /** Base of an OTLP/HTTP collector, as `http://127.0.0.1:4318`; null: no tracing at all. */
  readonly endpoint: string | null;
  /** Share of the calls without a traced parent that are traced. */
  readonly ratio: number;
  readonly service: string;
  /** Longest a span waits for others, in ms. */
  readonly flushMs?: number;
}

/** Longest wait for a collector, in ms: spans are worth less than memory. */
const exportTimeoutMs = 5_000;
const usualFlushMs = 2_000;

/** One traced call. */
export class CallSpan {
  constructor(private readonly span: Span) {}

  /** W3C trace context with this span as the parent. */
  get traceparent(): string {
    return traceparentOf(this.span);
  }

  event(name: string, fields: Record<string, string | number>): void {
    this.span.addEvent(name, fields);
  }

  /** Ends the span with what the call came to, under OpenTelemetry's names for generative AI. */
  end(tenant: string, event: UsageEvent): void {
    this.span.setAttributes({
      'whisper.tenant': tenant,
      'whisper.request_id': event.id,
      'whisper.status': event.status,
      'whisper.attempts': event.attempts,
      'gen_ai.provider.name': event.backend,
      'gen_ai.response.model': event.model,
      'gen_ai.usage.input_tokens': event.promptTokens,
      'gen_ai.usage.output_tokens': event.completionTokens,
    });
    if (event.firstTokenMs !== null) this.span.setAttribute('gen_ai.server.time_to_first_token_ms', event.firstTokenMs);
    if (event.errorCode !== null) this.span.setStatus({ code: SpanStatusCode.ERROR, message: event.errorCode });
    this.span.end();
  }
}

/** One traced answer of the chat. */
export class TurnSpan {
  constructor(private readonly span: Span) {}

  /** W3C trace context with this span as the parent: the router's call is its child. */
  get traceparent(): string {
    return traceparentOf(this.span);
  }

  end(tenant: string, state: TurnState): void {
    this.span.setAttributes({
      'whisper.tenant': tenant,
      'whisper.status': state.status,
      'gen_ai.response.model': state.model,
    });
    if (state.error !== null) this.span.setStatus({ code: SpanStatusCode.ERROR, message: state.error.code });
    this.span.end();
  }
}

/** Our own spans; nothing is instrumented behind anybody's back, so that an untraced call pays nothing. */
export class Tracing {
  private constructor(
    private readonly tracer: Tracer | null,
    readonly close: () => Promise<void>,
  ) {}

  static create({ endpoint, ratio, service, flushMs = usualFlushMs }: TracingOptions): Tracing {
    if (endpoint === null) return new Tracing(null, () => Promise.resolve());
    const exporter = new OTLPTraceExporter({
      url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
      timeoutMillis: exportTimeoutMs,
    });
    const provider = new NodeTracerProvider({
      resource: resourceFromAttributes({ 'service.name': service }),
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
      spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: flushMs })],
    });
    return new Tracing(provider.getTracer('whisper'), () => provider.shutdown());
  }

  /** Null where the call is not traced. A caller's own decision, for or against, is kept. */
  startCall(kind: 'chat' | 'embeddings', traceparent: string | null): CallSpan | null {
    if (this.tracer === null) return null;
    const span = this.tracer.startSpan(
      kind,
      { kind: SpanKind.SERVER, attributes: { 'gen_ai.operation.name': kind } },
      parentContext(traceparent),
    );
    return span.isRecording() ? new CallSpan(span) : null;
  }

  /** Null where the answer is not traced. */
  startTurn(): TurnSpan | null {
    const span = this.tracer?.startSpan('turn', { kind: SpanKind.INTERNAL }, ROOT_CONTEXT);
    return span?.isRecording() === true ? new TurnSpan(span) : null;
  }
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-0${traceFlags & TraceFlags.SAMPLED}`;
}

/** `traceparent` (W3C Trace Context, section 3.2), already checked for its form. */
function parentContext(traceparent: string | null) {
  const [, traceId, spanId, flags] = traceparent?.split('-') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}
