import { HttpException } from '@nestjs/common';
import { type AppError, AppError as AppErrorClass, asAppError, errorTable } from '#libs/kernel/errors.js';
import type { ErrorView } from '#libs/contracts/error-body.js';

/** Codes of Fastify's own refusals that a caller can mend. */
const fastifyCodes: Readonly<Record<string, [keyof typeof errorTable, string]>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: ['invalid_json', 'The body is not valid JSON.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid_json', 'The body is empty; JSON was announced.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large', 'The body is too large.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'The body has a type that is not understood here.'],
  FST_ERR_BAD_URL: ['bad_request', 'The address is not well-formed.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['bad_request', 'Content-Length does not fit the body.'],
};

const statusCodes: Readonly<Record<number, [keyof typeof errorTable, string]>> = {
  400: ['bad_request', 'The request is not understood.'],
  404: ['not_found', 'There is nothing here.'],
  405: ['method_not_allowed', 'This method is not for this address.'],
  413: ['body_too_large', 'The body is too large.'],
  415: ['unsupported_media_type', 'The body has a type that is not understood here.'],
};

/** Any thrown value as an error of ours; what we do not know becomes `internal`, without its words. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppErrorClass) return error;
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const known =
    fastifyCodes[code] ?? (error instanceof HttpException ? ofNest(error) : undefined) ?? syntaxError(error);
  return known === undefined ? asAppError(error) : new AppErrorClass(known[0], known[1], { cause: error });
}

/** Nest wraps what its parser threw and drops the code; only the words tell a body that is no JSON. */
function ofNest(error: HttpException): [keyof typeof errorTable, string] | undefined {
  if (error.getStatus() === 400 && /json/i.test(error.message)) return ['invalid_json', 'The body is not valid JSON.'];
  return statusCodes[error.getStatus()];
}

function syntaxError(error: unknown): [keyof typeof errorTable, string] | undefined {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? Number(error.statusCode) : 0;
  return error instanceof SyntaxError && status === 400 ? ['invalid_json', 'The body is not valid JSON.'] : undefined;
}

/** The error as the web and API clients of chat and admin read it. */
export function toErrorView(error: AppError, requestId: string): ErrorView {
  return {
    code: error.code,
    message: error.message,
    action: error.action,
    ...(error.field === undefined ? {} : { field: error.field }),
    ...(error.ways === undefined ? {} : { ways: [...error.ways] }),
    requestId,
    retryable: error.retryable,
    ...(error.retryAt === undefined ? {} : { retryAt: error.retryAt.toISOString() }),
  };
}

/** Seconds for the Retry-After header, or null. */
export function retryAfterSeconds(error: AppError, now: Date): number | null {
  if (error.retryAt === undefined) return null;
  return Math.max(1, Math.ceil((error.retryAt.getTime() - now.getTime()) / 1_000));
}
