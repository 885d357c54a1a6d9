import { Body, Controller, Inject, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { inspectLink, type SignInView, signInWithPassword, useLink } from '#libs/contracts/session-api.js';
import { SignInWithPassword } from '#libs/identity/app/sign-in-with-password.js';
import { UseLink } from '#libs/identity/app/use-link.js';
import { type Caller, CallerParam } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { signInView } from '#libs/platform/signed-in-reply.js';

type BodyOf<Of extends { readonly body: z.ZodType }> = z.output<Of['body']>;

@Controller()
export class SignInController {
  constructor(
    @Inject(SignInWithPassword) private readonly passwords: SignInWithPassword,
    @Inject(UseLink) private readonly links: UseLink,
  ) {}

  @Post(signInWithPassword.path)
  @Returns(signInWithPassword)
  async password(
    @CallerParam() caller: Caller,
    @Body({ schema: signInWithPassword.body }) given: BodyOf<typeof signInWithPassword>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignInView> {
    return signInView(reply, await this.passwords.signIn(caller, given));
  }

  @Post(inspectLink.path)
  @Returns(inspectLink)
  async inspect(
    @CallerParam() caller: Caller,
    @Body({ schema: inspectLink.body }) { token }: BodyOf<typeof inspectLink>,
  ): Promise<z.input<typeof inspectLink.reply>> {
    const { purpose, email, expiresAt } = await this.links.inspect(caller, token);
    return { purpose, email, expiresAt: expiresAt.toISOString() };
  }

  @Post(useLink.path)
  @Returns(useLink)
  async use(
    @CallerParam() caller: Caller,
    @Body({ schema: useLink.body }) answer: BodyOf<typeof useLink>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignInView> {
    return signInView(reply, await this.links.use(caller, answer));
  }
}
