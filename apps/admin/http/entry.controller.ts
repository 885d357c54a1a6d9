import { Body, Controller, Get, Inject, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { askAdminToConfirm, confirmAdmin, enterAdmin, getAdminMe, leaveAdmin } from '#libs/contracts/admin-api.js';
import type { PasskeyOptions } from '#libs/contracts/passkey-api.js';
import type { MeView } from '#libs/contracts/session-api.js';
import { AdminHandover } from '#libs/identity/app/admin-handover.js';
import { ConfirmSession } from '#libs/identity/app/confirm-session.js';
import { OwnAccount } from '#libs/identity/app/own-account.js';
import { pagesOf } from '#libs/identity/domain/abilities.js';
import { type Caller, CallerParam, SignedIn, type SignedInCaller } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { clearedSessionCookie } from '#libs/platform/session-cookie.js';
import { meView, signedIn } from '#libs/platform/signed-in-reply.js';

@Controller()
export class EntryController {
  constructor(
    @Inject(AdminHandover) private readonly handover: AdminHandover,
    @Inject(OwnAccount) private readonly account: OwnAccount,
    @Inject(ConfirmSession) private readonly confirmation: ConfirmSession,
  ) {}

  @Post(enterAdmin.path)
  @Returns(enterAdmin)
  async enter(
    @CallerParam() caller: Caller,
    @Body({ schema: enterAdmin.body }) { token }: z.output<typeof enterAdmin.body>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MeView> {
    return signedIn(reply, 'admin', await this.handover.enter(caller, token));
  }

  @Get(getAdminMe.path)
  @Returns(getAdminMe)
  async me(@SignedIn() caller: SignedInCaller): Promise<z.output<typeof getAdminMe.reply>> {
    const me = meView(caller.session, await this.account.hasPassword(caller));
    return { ...me, pages: [...pagesOf(caller.session.ability)] };
  }

  @Post(confirmAdmin.path)
  @Returns(confirmAdmin)
  async confirm(
    @SignedIn() caller: SignedInCaller,
    @Body({ schema: confirmAdmin.body }) proof: z.output<typeof confirmAdmin.body>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MeView> {
    return signedIn(reply, 'admin', await this.confirmation.confirm(caller, proof));
  }

  @Post(askAdminToConfirm.path)
  @Returns(askAdminToConfirm)
  askToConfirm(@SignedIn() caller: SignedInCaller): Promise<PasskeyOptions> {
    return this.confirmation.askPasskey(caller);
  }

  @Post(leaveAdmin.path)
  @Returns(leaveAdmin)
  async leave(@SignedIn() caller: SignedInCaller, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await this.account.signOut(caller);
    void reply.header('set-cookie', clearedSessionCookie('admin'));
  }
}
