import { Body, Controller, Delete, Get, Headers, Inject, Param, Patch, Post, Put, Query } from '@nestjs/common';
import type { z } from 'zod';
import {
  scimCreateUser,
  scimDeleteUser,
  scimGetUser,
  scimListUsers,
  scimPatchUser,
  scimReplaceUser,
} from '#libs/contracts/scim-api.js';
import type { ScimUserView } from '#libs/contracts/scim-views.js';
import { ScimUsers } from '#libs/identity/app/scim/scim-users.js';
import { type Caller, CallerParam } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { scimList, scimSlice, scimVisitor } from './scim-views.js';

type Id = { readonly id: string };

/** People, for the organisation's directory. */
@Controller()
export class ScimUsersController {
  constructor(@Inject(ScimUsers) private readonly users: ScimUsers) {}

  @Get(scimListUsers.path)
  @Returns(scimListUsers)
  async list(
    @CallerParam() caller: Caller,
    @Headers('authorization') token: string | undefined,
    @Query({ schema: scimListUsers.query }) query: z.output<typeof scimListUsers.query>,
  ) {
    return scimList(await this.users.list(scimVisitor(caller, token), query.filter, scimSlice(query)));
  }

  @Get(scimGetUser.path)
  @Returns(scimGetUser)
  get(
    @CallerParam() caller: Caller,
    @Headers('authorization') token: string | undefined,
    @Param({ schema: scimGetUser.params }) { id }: Id,
  ): Promise<ScimUserView> {
    return this.users.get(scimVisitor(caller, token), id);
  }

  @Post(scimCreateUser.path)
  @Returns(scimCreateUser)
  create(
    @CallerParam() caller: Caller,
    @Headers('authorization') token: string | undefined,
    @Body({ schema: scimCreateUser.body }) body: z.output<typeof scimCreateUser.body>,
  ): Promise<ScimUserView> {
    return this.users.create(scimVisitor(caller, token), body);
  }

  @Put(scimReplaceUser.path)
  @Returns(scimReplaceUser)
  replace(
    @CallerParam() caller: Caller,
    @Headers('authorization') token: string | undefined,
    @Param({ schema: scimReplaceUser.params }) { id }: Id,
    @Body({ schema: scimReplaceUser.body }) body: z.output<typeof scimReplaceUser.body>,
  ): Promise<ScimUserView> {
    return this.users.replace(scimVisitor(caller, token), id, body);
  }

  @Patch(scimPatchUser.path)
  @Returns(scimPatchUser)
  patch(
    @CallerParam() caller: Caller,
    @Headers('authorization') token: string | undefined,
    @Param({ schema: scimPatchUser.params }) { id }: Id,
    @Body({ schema: scimPatchUser.body }) body: z.output<typeof scimPatchUser.body>,
  ): Promise<ScimUserView> {
    return this.users.patch(scimVisitor(caller, token), id, body.Operations);
  }

  @Delete(scimDeleteUser.path)
  @Returns(scimDeleteUser)
  remove(
    @CallerParam() caller: Caller,
    @Headers('authorization') token: string | undefined,
    @Param({ schema: scimDeleteUser.params }) { id }: Id,
  ): Promise<void> {
    return this.users.remove(scimVisitor(caller, token), id);
  }
}
