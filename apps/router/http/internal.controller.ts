import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { internalRoutes, routerAudience } from '#libs/contracts/router-api.js';
import type { ServiceIdentity } from '#libs/identity/domain/caller-identity.js';
import { ServiceTokenVerifier } from '#libs/identity/ports/service-tokens.js';
import { Complete } from '#libs/inference/app/complete.js';
import { ListModels } from '#libs/inference/app/list-models.js';
import { bearer } from './bearer.js';
import { rawBody, traceparentOf } from './json-body.js';
import { toBackendViews, toModelList } from './model-views.js';
import { RawReply } from './raw-reply.js';

/** The same calls for our own apps, with a service token, on the internal port. */
@Controller()
export class InternalController {
  constructor(
    @Inject(ServiceTokenVerifier) private readonly tokens: ServiceTokenVerifier,
    @Inject(Complete) private readonly complete: Complete,
    @Inject(ListModels) private readonly listModels: ListModels,
  ) {}

  @Get(internalRoutes.models)
  async models(@Req() request: FastifyRequest) {
    const { tenant } = await this.admit(request);
    return toModelList(await this.listModels.of(tenant));
  }

  @Get(internalRoutes.backends)
  async backends(@Req() request: FastifyRequest) {
    const { tenant } = await this.admit(request);
    return { backends: toBackendViews(await this.listModels.of(tenant)) };
  }

  @Post(internalRoutes.chatCompletions)
  async chat(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.run('chat', request, reply);
  }

  @Post(internalRoutes.embeddings)
  async embeddings(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.run('embeddings', request, reply);
  }

  private admit(request: FastifyRequest): Promise<ServiceIdentity> {
    return this.tokens.verify(bearer(request.headers.authorization, 'unauthenticated'), routerAudience);
  }

  private async run(kind: 'chat' | 'embeddings', request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { tenant, actor } = await this.admit(request);
    const call = {
      requestId: String(request.id),
      tenant,
      caller: { personId: actor, keyId: null, keyLimits: null, channel: 'chat' as const },
      kind,
      body: rawBody(request),
      traceparent: traceparentOf(request),
    };
    await this.complete.run(call, new RawReply(reply, 'internal'));
  }
}
