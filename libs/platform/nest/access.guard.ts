import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { Endpoint } from '#libs/contracts/endpoint.js';
import { AppError } from '#libs/kernel/errors.js';
import { endpointMetadata } from './returns.decorator.js';

/** Lets in whom the route's contract lets in. A route without a contract is closed. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const endpoint = this.reflector.get<Endpoint | undefined>(endpointMetadata, context.getHandler());
    if (endpoint === undefined) throw new AppError('not_found', 'There is nothing here.');
    const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
    if (endpoint.access === 'session' && (caller?.session ?? null) === null)
      throw new AppError('unauthenticated', 'You are not signed in.');
    return true;
  }
}
