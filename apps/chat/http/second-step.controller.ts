import { Body, Controller, Inject, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import {
  type AppSetupView,
  askSecondPasskey,
  beginEnrolment,
  beginPasskeyEnrolment,
  finishEnrolment,
  finishPasskeyEnrolment,
  showSecondFactor,
} from '#libs/contracts/security-api.js';
import type { NewPasskeyOptions, PasskeyOptions } from '#libs/contracts/passkey-api.js';
import { type Enrolled, SecondStep } from '#libs/identity/app/second-step.js';
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
    return enrolled(reply, await this.second.enrolApp(caller, ticket, proof));
  }

  @Post(askSecondPasskey.path)
  @Returns(askSecondPasskey)
  askPasskey(
    @CallerParam() caller: Caller,
    @Body({ schema: askSecondPasskey.body }) { ticket }: z.output<typeof askSecondPasskey.body>,
  ): Promise<PasskeyOptions> {
    return this.second.askPasskey(caller, ticket);
  }

  @Post(beginPasskeyEnrolment.path)
  @Returns(beginPasskeyEnrolment)
  beginPasskey(
    @CallerParam() caller: Caller,
    @Body({ schema: beginPasskeyEnrolment.body }) { ticket }: z.output<typeof beginPasskeyEnrolment.body>,
  ): Promise<NewPasskeyOptions> {
    return this.second.beginPasskey(caller, ticket);
  }

  @Post(finishPasskeyEnrolment.path)
  @Returns(finishPasskeyEnrolment)
  async finishPasskey(
    @CallerParam() caller: Caller,
    @Body({ schema: finishPasskeyEnrolment.body }) { ticket, ...made }: z.output<typeof finishPasskeyEnrolment.body>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.input<typeof finishPasskeyEnrolment.reply>> {
    return enrolled(reply, await this.second.enrolPasskey(caller, ticket, made));
  }
}

function enrolled(reply: FastifyReply, { opened, recoveryCodes }: Enrolled): z.input<typeof finishEnrolment.reply> {
  return { kind: 'signed-in', me: signedIn(reply, 'chat', opened), recoveryCodes: [...recoveryCodes] };
}
