import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { SessionIdentity } from '#libs/identity/domain/caller-identity.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { AppError } from '#libs/kernel/errors.js';

/** Who calls, as the edge has found out. Set on every request before a controller runs. */
export interface Caller {
  readonly tenant: Tenant;
  /** Host the browser named, without port and without `admin.`. */
  readonly tenantHost: string;
  readonly requestId: string;
  /** Client address, forwarded headers of trusted proxies considered. */
  readonly address: string;
  readonly device: string;
  readonly session: SessionIdentity | null;
}

/** A caller with a session. */
export interface SignedInCaller extends Caller {
  readonly session: SessionIdentity;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller?: Caller;
  }
}

function callerOf(context: ExecutionContext): Caller {
  const caller = context.switchToHttp().getRequest<FastifyRequest>().caller;
  if (caller === undefined) throw new AppError('not_found', 'There is nothing here.');
  return caller;
}

/** Parameter: who calls, signed in or not. */
export const CallerParam = createParamDecorator((_data: unknown, context: ExecutionContext): Caller =>
  callerOf(context),
);

/** Parameter: the signed-in caller. The guard has refused everybody else already. */
export const SignedIn = createParamDecorator((_data: unknown, context: ExecutionContext): SignedInCaller => {
  const caller = callerOf(context);
  if (caller.session === null) throw new AppError('unauthenticated', 'You are not signed in.');
  return { ...caller, session: caller.session };
});
