import type { ModelPrice } from './money.js';

/** The dialect a model server speaks. All but `demo` are OpenAI-compatible HTTP. */
export type Provider = 'openai' | 'vllm' | 'ollama' | 'lmstudio' | 'llamacpp' | 'demo';

export type ModelKind = 'chat' | 'embeddings';

/** A model as its server names it. */
export interface BackendModel {
  readonly id: string;
  readonly kind: ModelKind;
  readonly contextTokens: number | null;
  readonly price: ModelPrice;
}

/** A server of models: from a ModelBackend manifest, found on this machine, or the demo responder. */
export interface BackendDefinition {
  readonly name: string;
  readonly provider: Provider;
  readonly source: 'manifest' | 'found' | 'demo';
  /** Base URL up to and with `/v1`; null for the demo responder. */
  readonly url: string | null;
  readonly apiKeySecretRef: { readonly name: string; readonly key: string } | null;
  /** Null: asked from the server. */
  readonly models: readonly BackendModel[] | null;
  /** Most requests at the same time; null: the client's own bound. */
  readonly maxConcurrent: number | null;
  /** Changes whenever anything above does. */
  readonly revision: string;
}

/** What is known of a backend right now. `reachable` is null until it was asked once. */
export interface BackendState {
  readonly definition: BackendDefinition;
  readonly reachable: boolean | null;
  /** Why it can not be used, in words for an administrator. */
  readonly problem: string | null;
  readonly models: readonly BackendModel[];
}

/** Answers about Whisper itself where a tenant has no model yet. */
export const demoBackend: BackendDefinition = {
  name: 'demo',
  provider: 'demo',
  source: 'demo',
  url: null,
  apiKeySecretRef: null,
  models: [{ id: 'guide', kind: 'chat', contextTokens: null, price: { inputPerMillion: 0, outputPerMillion: 0 } }],
  maxConcurrent: null,
  revision: 'demo',
};

/** Names that embedding models usually carry; servers do not say the kind in `/models`. */
const embeddingName = /embed|(^|[/-])(bge|e5|gte|minilm|nomic-bert)([-.:]|$)/i;

/** The kind of a model of which only the id is known. */
export function kindOf(id: string): ModelKind {
  return embeddingName.test(id) ? 'embeddings' : 'chat';
}
