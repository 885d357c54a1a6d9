import type { z } from 'zod';
import type { BackendView } from '#libs/contracts/admin-api.js';
import type { ModelList } from '#libs/contracts/chat-views.js';
import type { OpenAiModelList } from '#libs/contracts/openai/models.js';
import { AppError } from '#libs/kernel/errors.js';
import type { ModelCatalogue, OfferedBackend } from '#libs/inference/domain/model-catalogue.js';

/**
 * The catalogue as `GET /v1/models` lists it: what can be called right now.
 * @throws {AppError} no_models when there is nothing, with the reason
 */
export function toOpenAiModels({ models, problem }: ModelCatalogue): z.infer<typeof OpenAiModelList> {
  const available = models.filter((model) => model.available);
  if (available.length === 0) {
    const details = problem === null ? {} : { action: problem.action };
    throw new AppError('no_models', problem?.message ?? 'No model is available.', details);
  }
  return {
    object: 'list',
    data: available.map(({ id, state }) => ({ id, object: 'model', created: 0, owned_by: state.definition.name })),
  };
}

/** The catalogue as our own apps read it. */
export function toModelList({ models, defaultModel, problem }: ModelCatalogue): ModelList {
  return {
    models: models.map(({ id, state, model, available }) => ({
      id,
      backend: state.definition.name,
      kind: model.kind,
      demo: state.definition.source === 'demo',
      contextTokens: model.contextTokens,
      available,
    })),
    defaultModel,
    problem,
  };
}

/** The backends as the admin page lists them, those the manifest names in vain included. */
export function toBackendViews({ backends, missing }: ModelCatalogue): BackendView[] {
  return [...backends.map(toBackendView), ...missing.map(toMissingView)];
}

function toBackendView({ state, isUsed, models }: OfferedBackend): BackendView {
  const { name, provider, url, source } = state.definition;
  return {
    name,
    provider,
    url,
    source,
    used: isUsed,
    reachable: state.reachable === true,
    problem: state.problem,
    models: models.map(({ offered, isAllowed }) => ({ id: offered.id, kind: offered.model.kind, allowed: isAllowed })),
  };
}

function toMissingView(name: string): BackendView {
  return {
    name,
    provider: 'unknown',
    url: null,
    source: 'manifest',
    used: false,
    reachable: false,
    problem: `There is no ModelBackend "${name}".`,
    models: [],
  };
}
