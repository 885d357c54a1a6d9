import { Controller, Get, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { internalRoutes } from '#libs/contracts/router-api.js';
import { TokenRequest } from '#libs/contracts/token-exchange.js';
import { ExchangeToken } from '#libs/identity/app/exchange-token.js';
import { AppError } from '#libs/kernel/errors.js';
import { bearer } from './bearer.js';
import { rawBody } from './json-body.js';

/** In a cluster, on the internal port: pods of chat and admin come for their service tokens. */
@Controller()
export class TokenController {
  constructor(@Inject(ExchangeToken) private readonly tokens: ExchangeToken) {}

  @Get(internalRoutes.token)
  introduce(@Req() request: FastifyRequest) {
    return this.tokens.introduce(podTokenOf(request));
  }

  @Post(internalRoutes.token)
  @HttpCode(200)
  exchange(@Req() request: FastifyRequest) {
    return this.tokens.exchange(podTokenOf(request), read(rawBody(request)));
  }
}

function podTokenOf({ headers }: FastifyRequest): string {
  return bearer(headers.authorization, 'unauthenticated');
}

function read(body: Buffer): TokenRequest {
  const parsed = TokenRequest.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('bad_request', `${issue?.message ?? 'It is not understood'}.`, {
    field: issue?.path.join('.') ?? '',
  });
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new AppError('invalid_json', 'The body is not JSON.', { cause });
  }
}
