import { Body, Controller, Get, Inject, Patch } from '@nestjs/common';
import { changeSettings, getSettings, type SettingsChange, type SettingsView } from '#libs/contracts/admin-api.js';
import { ManageSettings } from '#libs/governance/app/manage-settings.js';
import { SignedIn, type SignedInCaller } from '#libs/platform/nest/caller.js';
import { Returns } from '#libs/platform/nest/returns.decorator.js';
import { settingsView } from './views.js';

@Controller()
export class SettingsController {
  constructor(@Inject(ManageSettings) private readonly settings: ManageSettings) {}

  @Get(getSettings.path)
  @Returns(getSettings)
  async show(@SignedIn() caller: SignedInCaller): Promise<SettingsView> {
    return settingsView(await this.settings.read(caller));
  }

  @Patch(changeSettings.path)
  @Returns(changeSettings)
  async change(
    @SignedIn() caller: SignedInCaller,
    @Body({ schema: changeSettings.body }) change: SettingsChange,
  ): Promise<SettingsView> {
    return settingsView(await this.settings.change(caller, change));
  }
}
