import { type ArgumentsHost, Catch } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { OpenAiErrorBody } from '#libs/contracts/error-body.js';
import { type AppError, errorTable } from '#libs/kernel/errors.js';
import { retryAfterSeconds, toAppError } from './error-view.js';
import { readToEnd } from './read-to-end.js';
import { namingMethod } from './wrong-method.js';
import type { FaceErrors } from './face-errors.js';

/** `public`: holders of API keys; `internal`: our own apps, which know what to advise for a code. */
export type RouterFace = 'public' | 'internal';

/** The error in the shape of OpenAI's API reference; `code` is of our table. The public is told what to do next. */
export function toOpenAiError(error: AppError, face: RouterFace): OpenAiErrorBody {
  return {
    error: {
      message: face === 'public' ? `${error.message} ${error.action}` : error.message,
      type: errorTable[error.code].openai,
      param: error.field ?? null,
      code: error.code,
    },
  };
}

/** Headers that tell a client when to come back; `x-should-retry` is what OpenAI's own clients look at first. */
export function retryHeaders(error: AppError, now: Date): Record<string, string> {
  const seconds = retryAfterSeconds(error, now);
  const isLong = error.status === 429 || error.status === 503;
  return {
    ...(seconds === null && !isLong ? {} : { 'retry-after': String(seconds ?? 1) }),
    ...(error.retryable ? {} : { 'x-should-retry': 'false' }),
  };
}

/** The one place where an error becomes an answer of the router, on the public and the internal face. */
@Catch()
export class OpenAiErrorsFilter implements FaceErrors {
  constructor(private readonly log: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    this.answer(
      thrown,
      host.switchToHttp().getRequest<FastifyRequest>(),
      host.switchToHttp().getResponse<FastifyReply>(),
    );
  }

  answer(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const error = namingMethod(toAppError(thrown), request, 'router');
    if (error.code === 'internal') {
      this.log.error({ requestId: String(request.id), err: error.cause ?? error }, 'router request failed');
    }
    if (reply.sent) return;
    const send = () =>
      void reply
        .status(error.status)
        .headers(retryHeaders(error, new Date()))
        .header('x-request-id', String(request.id))
        .header('cache-control', 'no-store')
        .type('application/json')
        .send(toOpenAiError(error, request.url.startsWith('/internal/') ? 'internal' : 'public'));
    if (error.code === 'body_too_large') readToEnd(request.raw, send);
    else send();
  }
}
