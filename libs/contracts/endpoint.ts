import type { z } from 'zod';
import type { ErrorCode } from '#libs/kernel/errors.js';

/** Which face of the platform serves an endpoint. */
export type Face = 'chat' | 'admin' | 'router';

/**
 * Who may call: anybody, anybody with a session of the face, the holder of an API key, or the organisation's directory.
 * Rights beyond that are a visible line in the use case.
 */
export type Access = 'public' | 'session' | 'api-key' | 'scim-token';

/**
 * What it takes beyond access: nothing (`public`), that the things are the caller's own (`own`), a right over a
 * subject, a scope of an API key, or the token of the organisation's directory. The use case has the line that asks
 * for it; a test holds the two together.
 */
export type Demands =
  | 'public'
  | 'own'
  | 'scim-token'
  | { readonly scope: 'chat' | 'embeddings' | 'models' }
  | { readonly action: 'read' | 'change'; readonly subject: string };

/**
 * One endpoint of the HTTP API. Controllers, the OpenAPI file, the web client and the isolation test
 * all read this one description.
 */
export interface Endpoint {
  readonly face: Face;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Fastify form: `/api/conversations/:id`. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly demands: Demands;
  /**
   * Whether it takes a proof of who one is that is no older than five minutes: always, or for some of what it can do.
   * The use case has the line that asks for it; a test holds the two together.
   */
  readonly stepUp?: 'always' | 'sometimes';
  /**
   * Called by others than our own pages: an identity provider's form, or a program with a credential of its own. It
   * has neither our Origin nor our header, so it must never act on a cookie alone.
   */
  readonly crossSite?: true;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Status of success. */
  readonly status: number;
  /** Shape of the reply; left out where the status says all (204, 302) or the reply is not JSON. */
  readonly reply?: z.ZodType;
  /** Media type of the reply where it is not plain JSON. */
  readonly replyType?:
    | 'text/csv'
    | 'text/event-stream'
    | 'application/octet-stream'
    | 'application/samlmetadata+xml'
    | 'application/scim+json';
  /** Error codes that are this endpoint's own, beside those every endpoint can answer. */
  readonly errors?: readonly ErrorCode[];
}

/** Keeps the literal types of an endpoint while checking its shape. */
export function endpoint<const E extends Endpoint>(description: E): E {
  return description;
}

/** The header every state-changing request must carry; a form of another site cannot send it. */
export const guardHeader = 'x-whisper-request';
