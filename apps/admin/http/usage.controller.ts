import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { exportUsage, getUsage, type PeriodQuery, type UsageReport } from '#libs/contracts/admin-api.js';
import { UsageReports } from '#libs/governance/app/usage-reports.js';
import { SignedIn, type SignedInCaller } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';

@Controller()
export class UsageController {
  constructor(@Inject(UsageReports) private readonly usage: UsageReports) {}

  @Get(getUsage.path)
  @Returns(getUsage)
  report(
    @SignedIn() caller: SignedInCaller,
    @Query({ schema: getUsage.query }) period: PeriodQuery,
  ): Promise<UsageReport> {
    return this.usage.report(caller, period);
  }

  @Get(exportUsage.path)
  @Returns(exportUsage)
  export(
    @SignedIn() caller: SignedInCaller,
    @Query({ schema: exportUsage.query }) period: PeriodQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    void reply.header('content-disposition', `attachment; filename="usage-${period.from}-${period.to}.csv"`);
    return this.usage.csv(caller, period);
  }
}
