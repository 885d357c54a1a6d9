import { Body, Controller, Get, Headers, Inject, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { endByLogoutToken, finishOidc, startSso, startSsoTest } from '#libs/contracts/session-api.js';
import { EndByProvider } from '#libs/identity/app/end-by-provider.js';
import { SignInWithSso } from '#libs/identity/app/sign-in-with-sso.js';
import { type Caller, CallerParam } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { readSsoCookie } from '#libs/platform/sso-cookie.js';
import { arrive, depart, explainFailure } from './sso-redirects.js';

type Headed = FastifyRequest['headers'];

/** The name a browser was given by an earlier departure, whichever way it went. */
function browserOf(cookie: string | undefined): string | null {
  return readSsoCookie('oidc', cookie) ?? readSsoCookie('saml', cookie);
}

/** Sign-ins through the organisation's identity provider. */
@Controller()
export class SsoController {
  constructor(
    @Inject(SignInWithSso) private readonly sso: SignInWithSso,
    @Inject(EndByProvider) private readonly ends: EndByProvider,
  ) {}

  @Get(startSso.path)
  @Returns(startSso)
  async start(
    @CallerParam() caller: Caller,
    @Query({ schema: startSso.query }) { returnTo, fresh }: z.output<typeof startSso.query>,
    @Headers() headers: Headed,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const asked = { returnTo, isFresh: fresh === 'true', browser: browserOf(headers.cookie) };
    await explainFailure(reply, { caller, accept: headers.accept }, async () =>
      depart(reply, await this.sso.start(caller, asked)),
    );
  }

  @Get(startSsoTest.path)
  @Returns(startSsoTest)
  async startTest(
    @CallerParam() caller: Caller,
    @Query({ schema: startSsoTest.query }) { ticket }: z.output<typeof startSsoTest.query>,
    @Headers() headers: Headed,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const asked = { ticket, browser: browserOf(headers.cookie) };
    await explainFailure(reply, { caller, accept: headers.accept }, async () =>
      depart(reply, await this.sso.startTest(caller, asked)),
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
    const answer = url.slice(url.indexOf('?') + 1);
    const state = new URLSearchParams(answer).get('state') ?? '';
    const back = { type: 'oidc', state, answer, browser: readSsoCookie('oidc', headers.cookie) } as const;
    await explainFailure(reply, { caller, accept: headers.accept }, async () =>
      arrive(reply, 'oidc', await this.sso.finish(caller, back)),
    );
  }

  @Post(endByLogoutToken.path)
  @Returns(endByLogoutToken)
  endByLogoutToken(
    @CallerParam() caller: Caller,
    @Body({ schema: endByLogoutToken.body }) given: z.output<typeof endByLogoutToken.body>,
  ): Promise<void> {
    return this.ends.byLogoutToken(caller, given.logout_token);
  }
}
