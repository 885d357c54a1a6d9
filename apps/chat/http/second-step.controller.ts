import { Body, Controller, Inject, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { type AppSetupView, beginEnrolment, finishEnrolment, showSecondFactor } from '#libs/contracts/security-api.js';
import { SecondStep } from '#libs/identity/app/second-step.js';
import { type Caller, CallerParam } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { signedIn } from '#libs/platform/signed-in-reply.js';

@Controller()
export class SecondStepController {
  constructor(@Inject(SecondStep) private readonly second: SecondStep) {}

  @Post(showSecondFactor.path)
  @Returns(showSecondFactor)
  async show(
    @CallerParam() caller: Caller,
    @Body({ schema: showSecondFactor.body }) { ticket, factor }: z.output<typeof showSecondFactor.body>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.input<typeof showSecondFactor.reply>> {
    return { kind: 'signed-in', me: signedIn(reply, 'chat', await this.second.show(caller, ticket, factor)) };
  }

  @Post(beginEnrolment.path)
  @Returns(beginEnrolment)
  begin(
    @CallerParam() caller: Caller,
    @Body({ schema: beginEnrolment.body }) { ticket }: z.output<typeof beginEnrolment.body>,
  ): Promise<AppSetupView> {
    return this.second.beginApp(caller, ticket);
  }

  @Post(finishEnrolment.path)
  @Returns(finishEnrolment)
  async finish(
    @CallerParam() caller: Caller,
    @Body({ schema: finishEnrolment.body }) { ticket, ...proof }: z.output<typeof finishEnrolment.body>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.input<typeof finishEnrolment.reply>> {
    const { opened, recoveryCodes } = await this.second.enrolApp(caller, ticket, proof);
    return { kind: 'signed-in', me: signedIn(reply, 'chat', opened), recoveryCodes: [...recoveryCodes] };
  }
}
