import { z } from 'zod';

/** Audience of the ServiceAccount tokens that pods show the router, and of nothing else. */
export const podTokenAudience = 'whisper-tokens';

/** `service=namespace/account`: the pods of one of our apps. */
const client = /^(chat|admin)=([a-z0-9-]{1,63})\/([a-z0-9.-]{1,253})$/;

/** A ServiceAccount whose pods may have service tokens, and of which app these then are. */
export const TokenClient = z
  .string()
  .regex(client, 'must be <chat or admin>=<namespace>/<service account>')
  .transform((text) => {
    const [, service = '', namespace = '', account = ''] = client.exec(text) ?? [];
    return { service: service === 'admin' ? ('admin' as const) : ('chat' as const), namespace, account };
  });
export type TokenClient = z.infer<typeof TokenClient>;

/**
 * What a pod asks the router for, after RFC 8693 (token exchange): its ServiceAccount token stands in
 * `Authorization: Bearer`, and the reply is a service token.
 */
export const TokenRequest = z.strictObject({
  audience: z.string().min(1).max(100),
  tenant: z.uuid(),
  epoch: z.int().describe("The tenant's epoch as the pod knows it; another one is refused."),
  actor: z.uuid().nullable().describe('The person it will act for.'),
});
export type TokenRequest = z.infer<typeof TokenRequest>;

/** A service token, and how long it lives from now on. */
export const TokenReply = z.object({ token: z.string().min(1), expiresInSeconds: z.int().positive() });
export type TokenReply = z.infer<typeof TokenReply>;

/** Which of our apps the router takes the pod for. */
export const PodIntroduction = z.object({ service: z.enum(['chat', 'admin']) });
