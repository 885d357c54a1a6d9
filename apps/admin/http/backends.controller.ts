import { Body, Controller, Get, Inject, Param, Put } from '@nestjs/common';
import type { z } from 'zod';
import { listBackends, useBackend } from '#libs/contracts/admin-api.js';
import { ManageBackends } from '#libs/governance/app/manage-backends.js';
import { SignedIn, type SignedInCaller } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';

@Controller()
export class BackendsController {
  constructor(@Inject(ManageBackends) private readonly backends: ManageBackends) {}

  @Get(listBackends.path)
  @Returns(listBackends)
  async list(@SignedIn() caller: SignedInCaller): Promise<z.input<typeof listBackends.reply>> {
    return { backends: [...(await this.backends.list(caller))] };
  }

  @Put(useBackend.path)
  @Returns(useBackend)
  use(
    @SignedIn() caller: SignedInCaller,
    @Param({ schema: useBackend.params }) { name }: z.output<typeof useBackend.params>,
    @Body({ schema: useBackend.body }) { use }: z.output<typeof useBackend.body>,
  ): Promise<void> {
    return this.backends.use(caller, name, use);
  }
}
