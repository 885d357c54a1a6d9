import { z } from 'zod';
import { celRules, manifestApiVersion, ManifestMetadata, SecretRef, WebAddress } from './manifest-parts.js';
import { ModelId, UsdAmount } from './tenant-spec.js';

export const BackendModel = z.strictObject({
  id: ModelId.describe('Id at the backend.'),
  kind: z.enum(['chat', 'embeddings']).optional().describe('Default: chat.'),
  contextTokens: z.int().min(1).max(100_000_000).optional().describe('Size of its context.'),
  inputUsdPerMillion: UsdAmount.optional().describe('Price of a million tokens in; left out: 0.'),
  outputUsdPerMillion: UsdAmount.optional().describe('Price of a million tokens out; left out: 0.'),
});

export const BackendSpec = z.strictObject({
  provider: z
    .enum(['openai', 'vllm', 'ollama', 'demo'])
    .describe('Dialect; openai fits every OpenAI-compatible server.'),
  url: WebAddress.optional().describe('Base URL up to and with /v1. Not for demo.'),
  apiKeySecretRef: SecretRef.optional().describe('Key of the backend; in SECRETS/backend-<name>/<name>/<key>.'),
  models: z.array(BackendModel).max(256).optional().describe('Left out: asked from the backend.'),
  maxConcurrent: z.int().min(1).max(10_000).optional().describe('Requests at the same time.'),
});
export type BackendSpec = z.infer<typeof BackendSpec>;

/** A server of models that tenants refer to by name. */
export const BackendManifest = z.strictObject({
  apiVersion: z.literal(manifestApiVersion),
  kind: z.literal('ModelBackend'),
  metadata: ManifestMetadata,
  spec: BackendSpec.refine((spec) => (spec.provider === 'demo') === (spec.url === undefined), {
    path: ['url'],
    message: 'must be set, except for provider demo',
  }).meta(
    celRules({
      rule: "(self.provider == 'demo') != has(self.url)",
      message: 'url must be set, except for provider demo',
    }),
  ),
});
export type BackendManifest = z.infer<typeof BackendManifest>;
