import type { ModelList } from '#libs/contracts/chat-views.js';
import type { UserId } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { PromptMessage } from '../domain/prompt.js';

export interface CompletionRequest {
  readonly tenant: Tenant;
  readonly person: UserId;
  readonly model: string;
  readonly messages: readonly PromptMessage[];
  /** W3C trace context of the answer, or null. */
  readonly traceparent: string | null;
}

/** Pieces of an answer: exactly one `start`, then texts, then exactly one `end`, unless it throws. */
export type CompletionPart =
  | {
      readonly kind: 'start';
      readonly model: string;
      readonly demo: boolean;
      readonly attempts: number;
      readonly fallbackFrom: string | null;
    }
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'end';
      readonly finishReason: string | null;
      readonly promptTokens: number | null;
      readonly completionTokens: number | null;
      readonly costMicroUsd: number;
    };

/** The way to the models: the router. */
export abstract class Completions {
  /**
   * Streams one answer. When `signal` aborts, the model server is told at once and the stream throws.
   * @throws {AppError} with the router's code: rate_limited, budget_exhausted, backend_unavailable, …
   */
  abstract stream(request: CompletionRequest, signal: AbortSignal): AsyncIterable<CompletionPart>;
  /** The models a person may choose from. May be a few seconds old. */
  abstract models(tenant: Tenant, person: UserId): Promise<ModelList>;
}
