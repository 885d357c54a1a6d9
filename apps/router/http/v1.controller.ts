import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { v1ChatCompletions, v1Embeddings, v1Models } from '#libs/contracts/router-api.js';
import type { KeyIdentity } from '#libs/identity/domain/caller-identity.js';
import { Complete } from '#libs/inference/app/complete.js';
import { ListModels } from '#libs/inference/app/list-models.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { rawBody, traceparentOf } from './json-body.js';
import { KeyGate } from './key-gate.js';
import { toOpenAiModels } from './model-views.js';
import { RawReply } from './raw-reply.js';

/** The OpenAI-compatible API, for holders of an API key. */
@Controller('v1')
export class V1Controller {
  constructor(
    @Inject(KeyGate) private readonly gate: KeyGate,
    @Inject(Complete) private readonly complete: Complete,
    @Inject(ListModels) private readonly listModels: ListModels,
  ) {}

  @Get('models')
  @Returns(v1Models)
  async models(@Req() request: FastifyRequest) {
    const { tenant } = await this.gate.admit(request, 'models');
    return toOpenAiModels(await this.listModels.of(tenant));
  }

  @Post('chat/completions')
  @Returns(v1ChatCompletions)
  async chat(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.run('chat', await this.gate.admit(request, 'chat'), request, reply);
  }

  @Post('embeddings')
  @Returns(v1Embeddings)
  async embeddings(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.run('embeddings', await this.gate.admit(request, 'embeddings'), request, reply);
  }

  private run(kind: 'chat' | 'embeddings', key: KeyIdentity, request: FastifyRequest, reply: FastifyReply) {
    const call = {
      requestId: String(request.id),
      tenant: key.tenant,
      caller: { personId: key.personId, keyId: key.keyId, keyLimits: key.limits, channel: 'api' as const },
      kind,
      body: rawBody(request),
      traceparent: traceparentOf(request),
    };
    return this.complete.run(call, new RawReply(reply, 'public'));
  }
}
