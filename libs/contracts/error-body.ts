import { z } from 'zod';

/** Every error of the chat and admin API, and of the socket. */
export const ErrorView = z.object({
  code: z.string().describe('From the table in docs/reference/errors.md.'),
  message: z.string().describe('What happened, in words for people.'),
  action: z.string().describe('What to do next.'),
  field: z.string().optional().describe('The field at fault, as a path.'),
  requestId: z.string().describe('Names this request in our logs.'),
  retryable: z.boolean(),
  ways: z
    .array(z.string())
    .optional()
    .describe('With step_up_required: what the person can prove with who they are, as password or provider.'),
  retryAt: z.iso.datetime().optional().describe('When a retry may succeed.'),
});
export type ErrorView = z.infer<typeof ErrorView>;

export const ErrorBody = z.object({ error: ErrorView });
export type ErrorBody = z.infer<typeof ErrorBody>;

/** Errors of /v1, in the shape of OpenAI's API reference; the request id is in the header `x-request-id`. */
export const OpenAiErrorBody = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});
export type OpenAiErrorBody = z.infer<typeof OpenAiErrorBody>;
