import { z } from 'zod';

/** Source: OpenAI API reference, "List models". */
export const OpenAiModel = z.looseObject({
  id: z.string(),
  object: z.literal('model'),
  created: z.int().optional(),
  owned_by: z.string().optional(),
});
export const OpenAiModelList = z.looseObject({ object: z.literal('list'), data: z.array(OpenAiModel) });
