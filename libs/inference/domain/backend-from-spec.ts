import { microUsd } from '#libs/kernel/money.js';
import type { BackendDefinition } from './backend.js';

/** The part of a ModelBackend's `spec` that becomes a definition. */
interface Spec {
  readonly provider: 'openai' | 'vllm' | 'ollama' | 'demo';
  readonly url?: string | undefined;
  readonly apiKeySecretRef?: { readonly name: string; readonly key: string } | undefined;
  readonly models?:
    | readonly {
        readonly id: string;
        readonly kind?: 'chat' | 'embeddings' | undefined;
        readonly contextTokens?: number | undefined;
        readonly inputUsdPerMillion?: string | undefined;
        readonly outputUsdPerMillion?: string | undefined;
      }[]
    | undefined;
  readonly maxConcurrent?: number | undefined;
}

/** The definition of a checked ModelBackend manifest; `revision` names this state of it. */
export function backendFromSpec(name: string, spec: Spec, revision: string): BackendDefinition {
  const guide = spec.provider === 'demo' ? [{ id: 'guide' }] : undefined;
  const models = spec.models ?? guide;
  return {
    name,
    provider: spec.provider,
    source: spec.provider === 'demo' ? 'demo' : 'manifest',
    url: spec.url?.replace(/\/+$/, '') ?? null,
    apiKeySecretRef: spec.apiKeySecretRef ?? null,
    models:
      models?.map((model: NonNullable<Spec['models']>[number]) => ({
        id: model.id,
        kind: model.kind ?? 'chat',
        contextTokens: model.contextTokens ?? null,
        price: {
          inputPerMillion: microUsd(model.inputUsdPerMillion ?? '0'),
          outputPerMillion: microUsd(model.outputUsdPerMillion ?? '0'),
        },
      })) ?? null,
    maxConcurrent: spec.maxConcurrent ?? null,
    revision,
  };
}
