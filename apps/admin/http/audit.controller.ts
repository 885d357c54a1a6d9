import { Controller, Get, Inject, Query } from '@nestjs/common';
import type { z } from 'zod';
import { listAudit } from '#libs/contracts/admin-api.js';
import { ReadAudit } from '#libs/governance/app/read-audit.js';
import { SignedIn, type SignedInCaller } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { auditView } from './views.js';

@Controller()
export class AuditController {
  constructor(@Inject(ReadAudit) private readonly audit: ReadAudit) {}

  @Get(listAudit.path)
  @Returns(listAudit)
  async list(
    @SignedIn() caller: SignedInCaller,
    @Query({ schema: listAudit.query }) { action, outcome, cursor, limit }: z.output<typeof listAudit.query>,
  ): Promise<z.input<typeof listAudit.reply>> {
    const filter = { action: action ?? null, outcome: outcome ?? null, cursor: cursor ?? null, limit };
    const page = await this.audit.page(caller, filter);
    return { items: page.items.map(auditView), nextCursor: page.nextCursor };
  }
}
