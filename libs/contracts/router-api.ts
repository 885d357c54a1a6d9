import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { ModelList } from './chat-views.js';
import { ChatCompletion, ChatCompletionRequest } from './openai/chat-completions.js';
import { EmbeddingsReply, EmbeddingsRequest } from './openai/embeddings.js';
import { OpenAiModelList } from './openai/models.js';

const open = { face: 'router', access: 'api-key' } as const;
const limits = [
  'rate_limited',
  'budget_exhausted',
  'model_not_found',
  'backend_unavailable',
  'backend_timeout',
  'backend_refused',
  'no_models',
] as const;

export const v1Models = endpoint({
  ...open,
  method: 'GET',
  path: '/v1/models',
  demands: { scope: 'models' },
  summary: 'Models this key may use',
  status: 200,
  reply: OpenAiModelList,
});
export const v1ChatCompletions = endpoint({
  ...open,
  method: 'POST',
  path: '/v1/chat/completions',
  demands: { scope: 'chat' },
  summary: 'Chat completion, plain or streamed (SSE)',
  body: ChatCompletionRequest,
  status: 200,
  reply: ChatCompletion,
  errors: limits,
});
export const v1Embeddings = endpoint({
  ...open,
  method: 'POST',
  path: '/v1/embeddings',
  demands: { scope: 'embeddings' },
  summary: 'Embeddings',
  body: EmbeddingsRequest,
  status: 200,
  reply: EmbeddingsReply,
  errors: limits,
});

/**
 * The internal face: the same calls for our own apps, on the internal port, with a service token
 * (`Authorization: Bearer <JWT>`) instead of an API key.
 */
export const internalRoutes = {
  chatCompletions: '/internal/v1/chat/completions',
  embeddings: '/internal/v1/embeddings',
  /** Answers `ModelList`. */
  models: '/internal/models',
  /** Answers the reply of `listBackends`: the model servers of the token's tenant. */
  backends: '/internal/backends',
  /**
   * In a cluster: GET answers `PodIntroduction`, POST takes `TokenRequest` and answers `TokenReply`. Both with the
   * pod's ServiceAccount token instead of a service token.
   */
  token: '/internal/token',
} as const;
export const InternalModelList = ModelList;

/** Audience of the router's service tokens. */
export const routerAudience = 'whisper-router';

/** Claims of a service token (EdDSA, at most 5 minutes, checked against the issuer's JWKS). */
export const ServiceClaims = z.object({
  iss: z.string(),
  sub: z.string().describe('The calling service: chat or admin.'),
  aud: z.string(),
  exp: z.int(),
  tenant: z.uuid(),
  epoch: z.int().describe("The tenant's epoch; another one is refused."),
  actor: z.uuid().nullable().describe('The person it acts for.'),
});
export type ServiceClaims = z.infer<typeof ServiceClaims>;

/** Reply headers that say how a call went. The public face has the first three only. */
export const replyHeaders = {
  requestId: 'x-request-id',
  /** The model that answered. */
  model: 'x-whisper-model',
  /** `1` where the demo responder answered. */
  demo: 'x-whisper-demo',
  /** The backend that answered. */
  backend: 'x-whisper-backend',
  /** How often it was tried: `1` is at once. */
  attempts: 'x-whisper-attempts',
  /** The model asked for, where another one answered. */
  fallbackFrom: 'x-whisper-fallback-from',
  /** Micro-USD for a million tokens in and out, as `150000,600000`, of the model that answered. */
  price: 'x-whisper-price',
} as const;
