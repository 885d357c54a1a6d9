import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import {
  changeGroup,
  createScimToken,
  getScim,
  type GroupView,
  listGroups,
  revokeScimToken,
} from '#libs/contracts/directory-api.js';
import { ManageGroups } from '#libs/identity/app/manage-groups.js';
import { ManageScim } from '#libs/identity/app/manage-scim.js';
import { SignedIn, type SignedInCaller } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { groupView, scimTokenView } from './directory-views.js';

type Id = { readonly id: string };

/** Groups and the connection of the organisation's directory. */
@Controller()
export class DirectoryController {
  constructor(
    @Inject(ManageGroups) private readonly groups: ManageGroups,
    @Inject(ManageScim) private readonly scim: ManageScim,
  ) {}

  @Get(listGroups.path)
  @Returns(listGroups)
  async listGroups(
    @SignedIn() caller: SignedInCaller,
    @Query({ schema: listGroups.query }) { search, cursor, limit }: z.output<typeof listGroups.query>,
  ): Promise<z.input<typeof listGroups.reply>> {
    const page = await this.groups.list(caller, { search: search ?? null, cursor: cursor ?? null, limit });
    return { items: page.items.map(groupView), nextCursor: page.nextCursor };
  }

  @Patch(changeGroup.path)
  @Returns(changeGroup)
  async changeGroup(
    @SignedIn() caller: SignedInCaller,
    @Param({ schema: changeGroup.params }) { id }: Id,
    @Body({ schema: changeGroup.body }) { role }: z.output<typeof changeGroup.body>,
  ): Promise<GroupView> {
    return groupView(await this.groups.giveRole(caller, id, role));
  }

  @Get(getScim.path)
  @Returns(getScim)
  async getScim(@SignedIn() caller: SignedInCaller): Promise<z.input<typeof getScim.reply>> {
    const { tokens, ...connection } = await this.scim.read(caller);
    return { ...connection, tokens: tokens.map((token) => scimTokenView(token, caller.tenant.schema)) };
  }

  @Post(createScimToken.path)
  @Returns(createScimToken)
  async createToken(
    @SignedIn() caller: SignedInCaller,
    @Body({ schema: createScimToken.body }) wanted: z.output<typeof createScimToken.body>,
  ): Promise<z.input<typeof createScimToken.reply>> {
    const { token, text } = await this.scim.createToken(caller, wanted);
    return { token: scimTokenView(token, caller.tenant.schema), secret: text };
  }

  @Delete(revokeScimToken.path)
  @Returns(revokeScimToken)
  revokeToken(
    @SignedIn() caller: SignedInCaller,
    @Param({ schema: revokeScimToken.params }) { id }: Id,
  ): Promise<void> {
    return this.scim.revokeToken(caller, id);
  }
}
