import { Body, Controller, Get, Headers, Inject, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import {
  finishOidc,
  inspectLink,
  type MeView,
  signInWithPassword,
  startOidc,
  useLink,
} from '#libs/contracts/session-api.js';
import { SignInWithOidc } from '#libs/identity/app/sign-in-with-oidc.js';
import { SignInWithPassword } from '#libs/identity/app/sign-in-with-password.js';
import { UseLink } from '#libs/identity/app/use-link.js';
import { type Caller, CallerParam } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { signedIn } from '#libs/platform/signed-in-reply.js';
import { readSsoCookie } from '#libs/platform/sso-cookie.js';
import { arrive, depart, explainFailure } from './sso-redirects.js';

type BodyOf<Of extends { readonly body: z.ZodType }> = z.output<Of['body']>;

@Controller()
export class SignInController {
  constructor(
    @Inject(SignInWithPassword) private readonly passwords: SignInWithPassword,
    @Inject(SignInWithOidc) private readonly oidc: SignInWithOidc,
    @Inject(UseLink) private readonly links: UseLink,
  ) {}

  @Post(signInWithPassword.path)
  @Returns(signInWithPassword)
  async password(
    @CallerParam() caller: Caller,
    @Body({ schema: signInWithPassword.body }) given: BodyOf<typeof signInWithPassword>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MeView> {
    return signedIn(reply, 'chat', await this.passwords.signIn(caller, given));
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
  ): Promise<MeView> {
    return signedIn(reply, 'chat', await this.links.use(caller, answer));
  }

  @Get(startOidc.path)
  @Returns(startOidc)
  async start(
    @CallerParam() caller: Caller,
    @Query({ schema: startOidc.query }) { returnTo }: z.output<typeof startOidc.query>,
    @Headers() headers: FastifyRequest['headers'],
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const asked = { returnTo, browser: readSsoCookie(headers.cookie) };
    await explainFailure(reply, { caller, accept: headers.accept }, async () =>
      depart(reply, await this.oidc.start(caller, asked)),
    );
  }

  @Get(finishOidc.path)
  @Returns(finishOidc)
  async finish(
    @CallerParam() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { headers, url } = request;
    const back = { query: url.slice(url.indexOf('?') + 1), browser: readSsoCookie(headers.cookie) };
    await explainFailure(reply, { caller, accept: headers.accept }, async () =>
      arrive(reply, await this.oidc.finish(caller, back)),
    );
  }
}
