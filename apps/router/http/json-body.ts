import type { FastifyRequest } from 'fastify';
import { AppError } from '#libs/kernel/errors.js';

/** Largest request, in bytes: 32 images of the usual size as base64, or two million tokens of text. */
export const maxBodyBytes = 10 * 1024 * 1024;

/**
 * The body as it came.
 * @throws {AppError} invalid_json when there is none, unsupported_media_type when it is not announced as JSON
 */
export function rawBody(request: FastifyRequest): Buffer {
  const { body, headers } = request;
  if (body === undefined || body === null) throw new AppError('invalid_json', 'The body is empty; send JSON.');
  const isJson = /^application\/json\b/i.test(headers['content-type'] ?? '');
  if (isJson && Buffer.isBuffer(body)) return body;
  throw new AppError('unsupported_media_type', 'The body is not announced as JSON.');
}

/** W3C trace context of the caller, if it has the right form. */
export function traceparentOf(request: FastifyRequest): string | null {
  const header = request.headers['traceparent'];
  return typeof header === 'string' && /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(header) ? header : null;
}
