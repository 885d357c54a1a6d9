import { Body, Controller, Delete, Get, Inject, Post } from '@nestjs/common';
import type { z } from 'zod';
import {
  type AppSetupView,
  beginApp,
  confirmApp,
  getSecurity,
  removeApp,
  renewRecoveryCodes,
  revokeOtherSessions,
  type SecurityView,
} from '#libs/contracts/security-api.js';
import { OwnAccount } from '#libs/identity/app/own-account.js';
import { OwnFactors } from '#libs/identity/app/own-factors.js';
import { SignedIn, type SignedInCaller } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';

@Controller()
export class SecurityController {
  constructor(
    @Inject(OwnFactors) private readonly factors: OwnFactors,
    @Inject(OwnAccount) private readonly account: OwnAccount,
  ) {}

  @Get(getSecurity.path)
  @Returns(getSecurity)
  async show(@SignedIn() caller: SignedInCaller): Promise<SecurityView> {
    const { hasPassword, rule, totp, recoveryCodes } = await this.factors.read(caller);
    return {
      hasPassword,
      secondFactor: rule,
      totp: totp === null ? null : { createdAt: totp.createdAt.toISOString() },
      recoveryCodes:
        recoveryCodes === null ? null : { left: recoveryCodes.left, createdAt: recoveryCodes.createdAt.toISOString() },
    };
  }

  @Post(beginApp.path)
  @Returns(beginApp)
  begin(@SignedIn() caller: SignedInCaller): Promise<AppSetupView> {
    return this.factors.beginApp(caller);
  }

  @Post(confirmApp.path)
  @Returns(confirmApp)
  async confirm(
    @SignedIn() caller: SignedInCaller,
    @Body({ schema: confirmApp.body }) proof: z.output<typeof confirmApp.body>,
  ): Promise<z.input<typeof confirmApp.reply>> {
    const codes = await this.factors.confirmApp(caller, proof);
    return { recoveryCodes: codes === null ? null : [...codes] };
  }

  @Delete(removeApp.path)
  @Returns(removeApp)
  remove(@SignedIn() caller: SignedInCaller): Promise<void> {
    return this.factors.removeApp(caller);
  }

  @Post(renewRecoveryCodes.path)
  @Returns(renewRecoveryCodes)
  async renew(@SignedIn() caller: SignedInCaller): Promise<z.input<typeof renewRecoveryCodes.reply>> {
    return { recoveryCodes: [...(await this.factors.renewRecoveryCodes(caller))] };
  }

  @Delete(revokeOtherSessions.path)
  @Returns(revokeOtherSessions)
  async endOthers(@SignedIn() caller: SignedInCaller): Promise<{ ended: number }> {
    return { ended: await this.account.revokeOthers(caller) };
  }
}
