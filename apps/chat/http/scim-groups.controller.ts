import { Body, Controller, Delete, Get, Headers, Inject, Param, Patch, Post, Put, Query } from '@nestjs/common';
import type { z } from 'zod';
import {
  scimCreateGroup,
  scimDeleteGroup,
  scimGetGroup,
  scimListGroups,
  scimPatchGroup,
  scimReplaceGroup,
} from '#libs/contracts/scim-api.js';
import type { ScimGroupView } from '#libs/contracts/scim-views.js';
import { ScimGroups } from '#libs/identity/app/scim/scim-groups.js';
import { type Caller, CallerParam } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { scimList, scimSlice, scimVisitor, wantsMembers } from './scim-views.js';

type Id = { readonly id: string };

/** Groups, for the organisation's directory. */
@Controller()
export class ScimGroupsController {
  constructor(@Inject(ScimGroups) private readonly groups: ScimGroups) {}

  @Get(scimListGroups.path)
  @Returns(scimListGroups)
  async list(
    @CallerParam() caller: Caller,
    @Headers('authorization') token: string | undefined,
    @Query({ schema: scimListGroups.query }) query: z.output<typeof scimListGroups.query>,
  ) {
    const slice = { ...scimSlice(query), withMembers: wantsMembers(query) };
    return scimList(await this.groups.list(scimVisitor(caller, token), query.filter, slice));
  }

  @Get(scimGetGroup.path)
  @Returns(scimGetGroup)
  get(
    @CallerParam() caller: Caller,
    @Headers('authorization') token: string | undefined,
    @Param({ schema: scimGetGroup.params }) { id }: Id,
    @Query({ schema: scimGetGroup.query }) query: z.output<typeof scimGetGroup.query>,
  ): Promise<ScimGroupView> {
    return this.groups.get(scimVisitor(caller, token), id, wantsMembers(query));
  }

  @Post(scimCreateGroup.path)
  @Returns(scimCreateGroup)
  create(
    @CallerParam() caller: Caller,
    @Headers('authorization') token: string | undefined,
    @Body({ schema: scimCreateGroup.body }) body: z.output<typeof scimCreateGroup.body>,
  ): Promise<ScimGroupView> {
    return this.groups.create(scimVisitor(caller, token), body);
  }

  @Put(scimReplaceGroup.path)
  @Returns(scimReplaceGroup)
  replace(
    @CallerParam() caller: Caller,
    @Headers('authorization') token: string | undefined,
    @Param({ schema: scimReplaceGroup.params }) { id }: Id,
    @Body({ schema: scimReplaceGroup.body }) body: z.output<typeof scimReplaceGroup.body>,
  ): Promise<ScimGroupView> {
    return this.groups.replace(scimVisitor(caller, token), id, body);
  }

  @Patch(scimPatchGroup.path)
  @Returns(scimPatchGroup)
  patch(
    @CallerParam() caller: Caller,
    @Headers('authorization') token: string | undefined,
    @Param({ schema: scimPatchGroup.params }) { id }: Id,
    @Body({ schema: scimPatchGroup.body }) body: z.output<typeof scimPatchGroup.body>,
  ): Promise<ScimGroupView> {
    return this.groups.patch(scimVisitor(caller, token), id, body.Operations);
  }

  @Delete(scimDeleteGroup.path)
  @Returns(scimDeleteGroup)
  remove(
    @CallerParam() caller: Caller,
    @Headers('authorization') token: string | undefined,
    @Param({ schema: scimDeleteGroup.params }) { id }: Id,
  ): Promise<void> {
    return this.groups.remove(scimVisitor(caller, token), id);
  }
}
