import { type ArgumentsHost, Catch } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { AppError } from '#libs/kernel/errors.js';
import { plainPage } from '../plain-page.js';
import type { FaceErrors } from './face-errors.js';
import { namingMethod } from './wrong-method.js';
import { readToEnd } from './read-to-end.js';
import { isScim, scimErrorBody } from './scim-error-body.js';
import { retryAfterSeconds, toAppError, toErrorView } from './error-view.js';

/** The one place where an error becomes an answer of the chat and admin API. */
@Catch()
export class ErrorsFilter implements FaceErrors {
  constructor(
    private readonly log: Logger,
    private readonly face: 'chat' | 'admin',
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    this.answer(
      thrown,
      host.switchToHttp().getRequest<FastifyRequest>(),
      host.switchToHttp().getResponse<FastifyReply>(),
    );
  }

  answer(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const error = namingMethod(toAppError(thrown), request, this.face);
    const requestId = String(request.id);
    if (error.status >= 500)
      this.log.error(
        { code: error.code, requestId, tenant: request.caller?.tenant.id, err: error.cause ?? error },
        'request failed',
      );
    if (reply.sent) return;
    void reply.header('x-request-id', requestId);
    const retryAfter = retryAfterSeconds(error, new Date());
    if (retryAfter !== null) void reply.header('retry-after', String(retryAfter));
    const send = () => this.send(error, request, reply);
    if (error.code === 'body_too_large') readToEnd(request.raw, send);
    else send();
  }

  private send(error: AppError, request: FastifyRequest, reply: FastifyReply): void {
    const requestId = String(request.id);
    if (isScim(request)) {
      void reply
        .status(error.status)
        .header('cache-control', 'no-store')
        .type('application/scim+json; charset=utf-8')
        .send(scimErrorBody(error));
      return;
    }
    if (isPageVisit(request)) {
      void reply
        .status(error.status)
        .header('cache-control', 'no-store')
        .type('text/html; charset=utf-8')
        .send(plainPage(error, requestId));
      return;
    }
    void reply
      .status(error.status)
      .header('cache-control', 'no-store')
      .type('application/json')
      .send({ error: toErrorView(error, requestId) });
  }
}

/** Whether a person opened an address, rather than a script of ours or an API client. */
function isPageVisit(request: FastifyRequest): boolean {
  return request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
}
