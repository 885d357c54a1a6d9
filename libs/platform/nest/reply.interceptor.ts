import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import type { Endpoint } from '#libs/contracts/endpoint.js';
import { endpointMetadata } from './returns.decorator.js';

/** Sends what the contract's reply schema lets through and nothing more, so that a stray field never leaves. */
@Injectable()
export class ReplyInterceptor implements NestInterceptor {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const endpoint = this.reflector.get<Endpoint | undefined>(endpointMetadata, context.getHandler());
    if (endpoint === undefined || context.getType() !== 'http') return next.handle();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    if (endpoint.replyType !== undefined) void reply.type(`${endpoint.replyType}; charset=utf-8`);
    void reply.header('cache-control', 'no-store');
    const schema = endpoint.reply;
    return schema === undefined ? next.handle() : next.handle().pipe(map((value: unknown) => schema.parse(value)));
  }
}
