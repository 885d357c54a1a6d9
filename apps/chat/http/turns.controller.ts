import { Body, Controller, Get, Headers, Inject, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { FollowTopic } from '#libs/chat/app/follow-topic.js';
import { SendTurn } from '#libs/chat/app/send-turn.js';
import { StopGeneration } from '#libs/chat/app/stop-generation.js';
import { Completions } from '#libs/chat/ports/completions.js';
import { followGeneration, listModels, sendTurn, stopGeneration } from '#libs/contracts/chat-api.js';
import type { SendReceipt, SendRequest } from '#libs/contracts/chat-events.js';
import type { ModelList } from '#libs/contracts/chat-views.js';
import { generationId } from '#libs/kernel/ids.js';
import { SignedIn, type SignedInCaller } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { streamGeneration } from './stream-generation.js';

type Id = { readonly id: string };

@Controller()
export class TurnsController {
  constructor(
    @Inject(SendTurn) private readonly sending: SendTurn,
    @Inject(StopGeneration) private readonly stopping: StopGeneration,
    @Inject(FollowTopic) private readonly following: FollowTopic,
    @Inject(Completions) private readonly completions: Completions,
  ) {}

  @Get(listModels.path)
  @Returns(listModels)
  models(@SignedIn() { tenant, session }: SignedInCaller): Promise<ModelList> {
    return this.completions.models(tenant, session.personId);
  }

  @Post(sendTurn.path)
  @Returns(sendTurn)
  send(
    @SignedIn() { tenant, session }: SignedInCaller,
    @Body({ schema: sendTurn.body }) request: SendRequest,
  ): Promise<SendReceipt> {
    return this.sending.send(tenant, session.personId, request);
  }

  @Post(stopGeneration.path)
  @Returns(stopGeneration)
  stop(
    @SignedIn() { tenant, session }: SignedInCaller,
    @Param({ schema: stopGeneration.params }) { id }: Id,
  ): Promise<void> {
    return this.stopping.stop(tenant.id, session.personId, generationId(id));
  }

  @Get(followGeneration.path)
  @Returns(followGeneration)
  follow(
    @SignedIn() caller: SignedInCaller,
    @Param({ schema: followGeneration.params }) { id }: Id,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return streamGeneration({ following: this.following, caller, id, lastEventId, reply });
  }
}
