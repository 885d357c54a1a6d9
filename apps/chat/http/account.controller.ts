import { Body, Controller, Delete, Get, Inject, Param, Post, Put, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import {
  changePassword,
  getMe,
  listSessions,
  type MeView,
  openAdmin,
  revokeSession,
  type SessionView,
  signOut,
} from '#libs/contracts/session-api.js';
import { askToConfirm, confirmSession } from '#libs/contracts/security-api.js';
import type { PasskeyOptions } from '#libs/contracts/passkey-api.js';
import { AdminHandover } from '#libs/identity/app/admin-handover.js';
import { ConfirmSession } from '#libs/identity/app/confirm-session.js';
import { OwnAccount } from '#libs/identity/app/own-account.js';
import type { SignInSession } from '#libs/identity/domain/sign-in-session.js';
import { SignedIn, type SignedInCaller } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { clearedSessionCookie } from '#libs/platform/session-cookie.js';
import { meView, signedIn } from '#libs/platform/signed-in-reply.js';

@Controller()
export class AccountController {
  constructor(
    @Inject(OwnAccount) private readonly account: OwnAccount,
    @Inject(AdminHandover) private readonly handover: AdminHandover,
    @Inject(ConfirmSession) private readonly confirmation: ConfirmSession,
  ) {}

  @Get(getMe.path)
  @Returns(getMe)
  async me(@SignedIn() caller: SignedInCaller): Promise<MeView> {
    return meView(caller.session, await this.account.hasPassword(caller));
  }

  @Post(signOut.path)
  @Returns(signOut)
  async signOut(
    @SignedIn() caller: SignedInCaller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ next: string | null }> {
    const next = await this.account.signOut(caller);
    void reply.header('set-cookie', clearedSessionCookie('chat'));
    return { next };
  }

  @Get(listSessions.path)
  @Returns(listSessions)
  async sessions(@SignedIn() caller: SignedInCaller): Promise<z.input<typeof listSessions.reply>> {
    const sessions = await this.account.sessions(caller);
    return { items: sessions.map((session) => sessionView(session, caller.session.sessionId)), nextCursor: null };
  }

  @Delete(revokeSession.path)
  @Returns(revokeSession)
  revoke(
    @SignedIn() caller: SignedInCaller,
    @Param({ schema: revokeSession.params }) { id }: z.output<typeof revokeSession.params>,
  ): Promise<void> {
    return this.account.revoke(caller, id);
  }

  @Put(changePassword.path)
  @Returns(changePassword)
  changePassword(
    @SignedIn() caller: SignedInCaller,
    @Body({ schema: changePassword.body }) given: z.output<typeof changePassword.body>,
  ): Promise<void> {
    return this.account.changePassword(caller, given);
  }

  @Post(confirmSession.path)
  @Returns(confirmSession)
  async confirm(
    @SignedIn() caller: SignedInCaller,
    @Body({ schema: confirmSession.body }) proof: z.output<typeof confirmSession.body>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MeView> {
    return signedIn(reply, 'chat', await this.confirmation.confirm(caller, proof));
  }

  @Post(askToConfirm.path)
  @Returns(askToConfirm)
  askToConfirm(@SignedIn() caller: SignedInCaller): Promise<PasskeyOptions> {
    return this.confirmation.askPasskey(caller);
  }

  @Post(openAdmin.path)
  @Returns(openAdmin)
  async openAdmin(@SignedIn() caller: SignedInCaller): Promise<{ url: string }> {
    return { url: await this.handover.open(caller) };
  }
}

function sessionView(session: SignInSession, current: string): SessionView {
  return {
    id: session.id,
    face: session.face,
    current: session.id === current,
    device: session.device,
    address: session.address,
    method: session.method,
    proofs: [...session.proofs],
    createdAt: session.createdAt.toISOString(),
    lastSeenAt: session.lastSeenAt.toISOString(),
  };
}
