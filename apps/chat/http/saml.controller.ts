import { Body, Controller, Get, Headers, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { pagePaths } from '#libs/contracts/page-paths.js';
import { describeSaml, finishSaml, followSamlLogout, postSamlLogout } from '#libs/contracts/saml-api.js';
import { EndByProvider } from '#libs/identity/app/end-by-provider.js';
import { SignInWithSso } from '#libs/identity/app/sign-in-with-sso.js';
import { SsoClients } from '#libs/identity/app/sso-clients.js';
import type { SamlLogoutMessage } from '#libs/identity/ports/saml-connector.js';
import { type Caller, CallerParam } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { readSsoCookie } from '#libs/platform/sso-cookie.js';
import { arrive, explainFailure } from './sso-redirects.js';

/** Where SAML identity providers find an organisation. */
@Controller()
export class SamlController {
  constructor(
    @Inject(SignInWithSso) private readonly sso: SignInWithSso,
    @Inject(EndByProvider) private readonly ends: EndByProvider,
    @Inject(SsoClients) private readonly clients: SsoClients,
  ) {}

  @Get(describeSaml.path)
  @Returns(describeSaml)
  describe(@CallerParam() caller: Caller): Promise<string> {
    return this.clients.samlMetadata(caller);
  }

  @Post(finishSaml.path)
  @Returns(finishSaml)
  async finish(
    @CallerParam() caller: Caller,
    @Body({ schema: finishSaml.body }) form: z.output<typeof finishSaml.body>,
    @Headers() headers: FastifyRequest['headers'],
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const browser = readSsoCookie('saml', headers.cookie);
    const back = { type: 'saml', state: form.RelayState ?? '', answer: form.SAMLResponse, browser } as const;
    await explainFailure(reply, { caller, accept: headers.accept }, async () =>
      arrive(reply, 'saml', await this.sso.finish(caller, back)),
    );
  }

  @Get(followSamlLogout.path)
  @Returns(followSamlLogout)
  logout(
    @CallerParam() caller: Caller,
    @Req() { url }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
    const isOrder = new URLSearchParams(query).has('SAMLRequest');
    return this.obey(caller, isOrder ? { binding: 'redirect', query } : null, reply);
  }

  @Post(postSamlLogout.path)
  @Returns(postSamlLogout)
  postLogout(
    @CallerParam() caller: Caller,
    @Body({ schema: postSamlLogout.body }) form: z.output<typeof postSamlLogout.body>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { SAMLRequest: request, RelayState: relayState = null } = form;
    return this.obey(caller, request === undefined ? null : { binding: 'post', request, relayState }, reply);
  }

  /** What is no order answers one of ours: whoever waited for it is signed out here already. */
  private async obey(caller: Caller, message: SamlLogoutMessage | null, reply: FastifyReply): Promise<void> {
    const next = message === null ? null : await this.ends.bySamlLogout(caller, message);
    void reply.header('location', next ?? pagePaths.signIn);
  }
}
