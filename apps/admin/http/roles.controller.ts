import { Body, Controller, Delete, Get, Inject, Param, Post, Put } from '@nestjs/common';
import type { z } from 'zod';
import { changeRole, createRole, deleteRole, listRoles, type RoleView } from '#libs/contracts/roles-api.js';
import { ManageRoles } from '#libs/identity/app/manage-roles.js';
import { SignedIn, type SignedInCaller } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { roleView, systemRoleViews } from './role-views.js';

type Id = { readonly id: string };

@Controller()
export class RolesController {
  constructor(@Inject(ManageRoles) private readonly roles: ManageRoles) {}

  @Get(listRoles.path)
  @Returns(listRoles)
  async list(@SignedIn() caller: SignedInCaller): Promise<z.input<typeof listRoles.reply>> {
    return { custom: (await this.roles.list(caller)).map(roleView), system: systemRoleViews() };
  }

  @Post(createRole.path)
  @Returns(createRole)
  async create(
    @SignedIn() caller: SignedInCaller,
    @Body({ schema: createRole.body }) described: z.output<typeof createRole.body>,
  ): Promise<RoleView> {
    return roleView(await this.roles.create(caller, described));
  }

  @Put(changeRole.path)
  @Returns(changeRole)
  async change(
    @SignedIn() caller: SignedInCaller,
    @Param({ schema: changeRole.params }) { id }: Id,
    @Body({ schema: changeRole.body }) described: z.output<typeof changeRole.body>,
  ): Promise<RoleView> {
    return roleView(await this.roles.change(caller, id, described));
  }

  @Delete(deleteRole.path)
  @Returns(deleteRole)
  remove(@SignedIn() caller: SignedInCaller, @Param({ schema: deleteRole.params }) { id }: Id): Promise<void> {
    return this.roles.remove(caller, id);
  }
}
