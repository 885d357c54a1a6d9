import { z } from 'zod';
import { ModelId } from '../tenant-spec.js';

/** Source: OpenAI API reference, "Create embeddings". */
export const EmbeddingsRequest = z.looseObject({
  model: ModelId,
  input: z.union([z.string(), z.array(z.string()), z.array(z.int()), z.array(z.array(z.int()))]),
});

export const EmbeddingsReply = z.looseObject({
  object: z.literal('list'),
  model: z.string(),
  data: z.array(
    z.looseObject({
      object: z.literal('embedding'),
      index: z.int(),
      embedding: z.union([z.array(z.number()), z.string()]),
    }),
  ),
});
