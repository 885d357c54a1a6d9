import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { changeKey, createKey, listKeys, revokeKey } from '#libs/contracts/admin-api.js';
import { ManageKeys } from '#libs/identity/app/manage-keys.js';
import { SignedIn, type SignedInCaller } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { keyChange, keyLimits, keyView } from './views.js';

@Controller()
export class KeysController {
  constructor(@Inject(ManageKeys) private readonly keys: ManageKeys) {}

  @Get(listKeys.path)
  @Returns(listKeys)
  async list(
    @SignedIn() caller: SignedInCaller,
    @Query({ schema: listKeys.query }) { cursor, limit }: z.output<typeof listKeys.query>,
  ): Promise<z.input<typeof listKeys.reply>> {
    const page = await this.keys.list(caller, { cursor: cursor ?? null, limit });
    return { items: page.items.map((key) => keyView(key, caller.tenant.schema)), nextCursor: page.nextCursor };
  }

  @Post(createKey.path)
  @Returns(createKey)
  async create(
    @SignedIn() caller: SignedInCaller,
    @Body({ schema: createKey.body }) wanted: z.output<typeof createKey.body>,
  ): Promise<z.input<typeof createKey.reply>> {
    const { key, text } = await this.keys.create(caller, { ...wanted, limits: keyLimits(wanted.limits) });
    return { key: keyView(key, caller.tenant.schema), secret: text };
  }

  @Patch(changeKey.path)
  @Returns(changeKey)
  async change(
    @SignedIn() caller: SignedInCaller,
    @Param({ schema: changeKey.params }) { id }: z.output<typeof changeKey.params>,
    @Body({ schema: changeKey.body }) wanted: z.output<typeof changeKey.body>,
  ): Promise<z.input<typeof changeKey.reply>> {
    return keyView(await this.keys.change(caller, id, keyChange(wanted)), caller.tenant.schema);
  }

  @Delete(revokeKey.path)
  @Returns(revokeKey)
  revoke(
    @SignedIn() caller: SignedInCaller,
    @Param({ schema: revokeKey.params }) { id }: z.output<typeof revokeKey.params>,
  ): Promise<void> {
    return this.keys.revoke(caller, id);
  }
}
