import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { catchError, from, mergeMap, type Observable, throwError } from 'rxjs';
import { AuditLog } from '#libs/identity/app/audit-log.js';
import { AppError, type ErrorCode } from '#libs/kernel/errors.js';

/** Refusals that say somebody tried what they may not do. */
const told: ReadonlySet<ErrorCode> = new Set(['forbidden', 'last_owner', 'managed_by_manifest']);

/** Writes refused actions of signed-in people to the audit log. */
@Injectable()
export class AuditRefusals implements NestInterceptor {
  constructor(@Inject(AuditLog) private readonly audit: AuditLog) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    return next.handle().pipe(
      catchError((error: unknown) => {
        const write = error instanceof AppError && told.has(error.code) ? this.write(request, error) : null;
        const thrown = throwError(() => error);
        return write === null ? thrown : from(write).pipe(mergeMap(() => thrown));
      }),
    );
  }

  private async write({ caller, method, url }: FastifyRequest, error: AppError): Promise<void> {
    if (caller === undefined) return;
    const target = `${method} ${url.split('?')[0] ?? ''}`;
    await this.audit.refuse(caller.tenant.id, caller, { action: 'action.refuse', target, reason: error.code });
  }
}
