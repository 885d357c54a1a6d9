import type { FastifyRequest } from 'fastify';
import { type ScimErrorBody, scimSchemas } from '#libs/contracts/scim-views.js';
import { ScimError } from '#libs/identity/domain/scim/scim-error.js';
import type { AppError } from '#libs/kernel/errors.js';

/** Whether the answer goes to an organisation's directory. */
export function isScim({ url }: Pick<FastifyRequest, 'url'>): boolean {
  return url.startsWith('/scim/');
}

/** An error in the form of RFC 7644, 3.12. */
export function scimErrorBody(error: AppError): ScimErrorBody {
  const scimType = error instanceof ScimError ? error.scimType : error.code === 'conflict' ? 'uniqueness' : null;
  return {
    schemas: [scimSchemas.error],
    status: String(error.status),
    ...(scimType === null ? {} : { scimType }),
    detail: `${error.message} ${error.action}`,
  };
}
