import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { type Dispatcher, Pool } from 'undici';
import { type CompletionPart, type CompletionRequest, Completions } from '#libs/chat/ports/completions.js';
import { ModelList } from '#libs/contracts/chat-views.js';
import { ChatCompletionChunk } from '#libs/contracts/openai/chat-completions.js';
import { internalRoutes, replyHeaders } from '#libs/contracts/router-api.js';
import type { ServiceTokenIssuer } from '#libs/identity/ports/service-tokens.js';
import { deadline } from '#libs/kernel/abort.js';
import { AppError, type ErrorCode, errorTable } from '#libs/kernel/errors.js';
import type { UserId } from '#libs/kernel/ids.js';
import { costMicroUsd, free, type ModelPrice } from '#libs/inference/domain/money.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { RouterCalls } from './router-calls.js';

/** The list is shown in a picker and asked for at every send; a second old is new enough. */
const modelsKeptMs = 1_000;
/** The router answers its model list from memory. */
const modelsTimeoutMs = 5_000;

interface KeptList {
  readonly until: number;
  readonly list: Promise<ModelList>;
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorTable, code);
}

interface RouterError {
  readonly error?: { readonly message?: unknown; readonly code?: unknown };
}

function asRouterError(body: unknown, retryAfter: string | undefined): AppError {
  const { error } = (typeof body === 'object' && body !== null ? body : {}) as RouterError;
  const code = isErrorCode(error?.code) ? error.code : 'backend_unavailable';
  const message = typeof error?.message === 'string' ? error.message : 'The model could not be reached.';
  const seconds = Number(retryAfter);
  return new AppError(
    code,
    message,
    Number.isFinite(seconds) && seconds > 0 ? { retryAt: new Date(Date.now() + seconds * 1_000) } : {},
  );
}

function header(headers: Dispatcher.ResponseData['headers'], name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The router's internal port as the chat's way to the models. */
export class RouterCompletions extends Completions {
  private readonly pool: Pool;
  private readonly router: RouterCalls;
  private readonly lists = new Map<string, KeptList>();

  constructor(routerUrl: string, tokens: ServiceTokenIssuer) {
    super();
    // Answers stream for minutes; the router has the deadlines.
    this.pool = new Pool(routerUrl, { connections: 512, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000 });
    this.router = new RouterCalls(this.pool, tokens);
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }

  override async *stream(request: CompletionRequest, signal: AbortSignal): AsyncGenerator<CompletionPart, void> {
    const response = await this.call(request, signal);
    const reply = (name: string) => header(response.headers, name);
    yield {
      kind: 'start',
      model: reply(replyHeaders.model) ?? request.model,
      demo: reply(replyHeaders.demo) === '1',
      attempts: Number(reply(replyHeaders.attempts) ?? 1),
      fallbackFrom: reply(replyHeaders.fallbackFrom) ?? null,
    };
    yield* readAnswer(response.body, signal, priceOf(reply(replyHeaders.price)));
  }

  private async call(request: CompletionRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const response = await this.router.ask(request, {
      method: 'POST',
      path: internalRoutes.chatCompletions,
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...(request.traceparent === null ? {} : { traceparent: request.traceparent }),
      },
      body: JSON.stringify({
        model: request.model,
        messages: request.messages,
        stream: true,
        stream_options: { include_usage: true },
      }),
      signal,
    });
    if (response.statusCode === 200) return response;
    const body: unknown = await response.body.json().catch(() => null);
    throw asRouterError(body, header(response.headers, 'retry-after'));
  }

  override models(tenant: Tenant, person: UserId): Promise<ModelList> {
    const kept = this.lists.get(tenant.id);
    if (kept !== undefined && kept.until > Date.now()) return kept.list;
    const list = this.fetchModels(tenant, person);
    const fresh = { until: Date.now() + modelsKeptMs, list };
    this.lists.set(tenant.id, fresh);
    list.catch(() => {
      if (this.lists.get(tenant.id) === fresh) this.lists.delete(tenant.id);
    });
    return list;
  }

  private async fetchModels(tenant: Tenant, person: UserId): Promise<ModelList> {
    const signal = deadline(modelsTimeoutMs);
    const response = await this.router.ask({ tenant, person }, { method: 'GET', path: internalRoutes.models, signal });
    const body: unknown = await response.body.json().catch(() => null);
    if (response.statusCode !== 200) throw asRouterError(body, undefined);
    return ModelList.parse(body);
  }
}

/** Reads `in,out` of the router's price header; a model without one costs nothing. */
function priceOf(header: string | undefined): ModelPrice {
  const match = /^(\d{1,15}),(\d{1,15})$/.exec(header ?? '');
  return match === null ? free : { inputPerMillion: Number(match[1]), outputPerMillion: Number(match[2]) };
}

/** Texts and the end of a streamed chat completion; an error event inside the stream throws. */
async function* readAnswer(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  price: ModelPrice,
): AsyncGenerator<CompletionPart, void> {
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event) });
  const decoder = new TextDecoder();
  let finishReason: string | null = null;
  let usage: { prompt: number; completion: number } | null = null;
  let done = false;
  try {
    for await (const bytes of body) {
      parser.feed(decoder.decode(bytes, { stream: true }));
      let text = '';
      for (const { data } of events.splice(0)) {
        if (data === '[DONE]') {
          done = true;
          continue;
        }
        const chunk = parseChunk(data);
        text += chunk.choices[0]?.delta.content ?? '';
        finishReason = chunk.choices[0]?.finish_reason ?? finishReason;
        if (chunk.usage !== null && chunk.usage !== undefined)
          usage = { prompt: chunk.usage.prompt_tokens, completion: chunk.usage.completion_tokens };
      }
      if (text !== '') yield { kind: 'text', text };
    }
  } catch (error) {
    throw signal.aborted
      ? signal.reason
      : error instanceof AppError
        ? error
        : new AppError('backend_unavailable', 'The model stopped in mid-answer.', { cause: error });
  }
  if (!done) throw new AppError('backend_unavailable', 'The model stopped in mid-answer.');
  yield {
    kind: 'end',
    finishReason,
    promptTokens: usage?.prompt ?? null,
    completionTokens: usage?.completion ?? null,
    costMicroUsd: usage === null ? 0 : costMicroUsd(price, usage.prompt, usage.completion),
  };
}

function parseChunk(data: string): ChatCompletionChunk {
  const value: unknown = JSON.parse(data);
  if (typeof value === 'object' && value !== null && 'error' in value) throw asRouterError(value, undefined);
  return ChatCompletionChunk.parse(value);
}
