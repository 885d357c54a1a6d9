import { Body, Controller, Delete, Get, Inject, Param, Post, Put } from '@nestjs/common';
import type { z } from 'zod';
import {
  checkSso,
  getSso,
  getSsoTest,
  removeSso,
  saveSso,
  type SsoTestView,
  type SsoView,
  testSso,
} from '#libs/contracts/sso-api.js';
import { ManageSso } from '#libs/identity/app/manage-sso.js';
import { SignedIn, type SignedInCaller } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { SsoPaths } from '#libs/platform/sso-paths.js';
import { describedSso, ssoTestView, ssoView } from './sso-views.js';

/** The wizard that connects an organisation to its identity provider. */
@Controller()
export class SsoController {
  constructor(
    @Inject(ManageSso) private readonly sso: ManageSso,
    @Inject(SsoPaths) private readonly paths: SsoPaths,
  ) {}

  @Get(getSso.path)
  @Returns(getSso)
  async read(@SignedIn() caller: SignedInCaller): Promise<SsoView> {
    return ssoView(await this.sso.read(caller), this.paths.at(caller.tenantHost));
  }

  @Post(checkSso.path)
  @Returns(checkSso)
  async check(
    @SignedIn() caller: SignedInCaller,
    @Body({ schema: checkSso.body }) { draft }: z.output<typeof checkSso.body>,
  ): Promise<z.input<typeof checkSso.reply>> {
    const described = draft === undefined ? null : describedSso(draft);
    return { findings: [...(await this.sso.check(caller, described))] };
  }

  @Post(testSso.path)
  @Returns(testSso)
  async test(
    @SignedIn() caller: SignedInCaller,
    @Body({ schema: testSso.body }) { draft }: z.output<typeof testSso.body>,
  ): Promise<z.input<typeof testSso.reply>> {
    const described = draft === undefined ? null : describedSso(draft);
    const { test, url } = await this.sso.prepareTest(caller, described);
    return { id: test.id, url, expiresAt: test.beginsBefore.toISOString() };
  }

  @Get(getSsoTest.path)
  @Returns(getSsoTest)
  async readTest(
    @SignedIn() caller: SignedInCaller,
    @Param({ schema: getSsoTest.params }) { id }: z.output<typeof getSsoTest.params>,
  ): Promise<SsoTestView> {
    return ssoTestView(await this.sso.readTest(caller, id));
  }

  @Put(saveSso.path)
  @Returns(saveSso)
  async save(
    @SignedIn() caller: SignedInCaller,
    @Body({ schema: saveSso.body }) { draft, testId }: z.output<typeof saveSso.body>,
  ): Promise<SsoView> {
    const after = await this.sso.save(caller, describedSso(draft), testId ?? null);
    return ssoView(after, this.paths.at(caller.tenantHost));
  }

  @Delete(removeSso.path)
  @Returns(removeSso)
  remove(@SignedIn() caller: SignedInCaller): Promise<void> {
    return this.sso.remove(caller);
  }
}
