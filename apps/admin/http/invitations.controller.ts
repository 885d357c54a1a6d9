import { Body, Controller, Delete, Get, Inject, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { invite, listInvitations, revokeInvitation } from '#libs/contracts/admin-api.js';
import { ManageInvitations } from '#libs/identity/app/manage-invitations.js';
import { Clock } from '#libs/kernel/clock.js';
import { SignedIn, type SignedInCaller } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { invitationView, linkView } from './views.js';

@Controller()
export class InvitationsController {
  constructor(
    @Inject(ManageInvitations) private readonly invitations: ManageInvitations,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Get(listInvitations.path)
  @Returns(listInvitations)
  async list(
    @SignedIn() caller: SignedInCaller,
    @Query({ schema: listInvitations.query }) { cursor, limit }: z.output<typeof listInvitations.query>,
  ): Promise<z.input<typeof listInvitations.reply>> {
    const page = await this.invitations.list(caller, { cursor: cursor ?? null, limit });
    return { items: page.items.map((link) => invitationView(link, this.clock.now())), nextCursor: page.nextCursor };
  }

  @Post(invite.path)
  @Returns(invite)
  async invite(
    @SignedIn() caller: SignedInCaller,
    @Body({ schema: invite.body }) wanted: z.output<typeof invite.body>,
  ): Promise<z.input<typeof invite.reply>> {
    const link = await this.invitations.invite(caller, wanted);
    return { id: link.id, ...linkView(link) };
  }

  @Delete(revokeInvitation.path)
  @Returns(revokeInvitation)
  revoke(
    @SignedIn() caller: SignedInCaller,
    @Param({ schema: revokeInvitation.params }) { id }: z.output<typeof revokeInvitation.params>,
  ): Promise<void> {
    return this.invitations.revoke(caller, id);
  }
}
