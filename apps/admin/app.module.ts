import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { AuditRefusals } from '#libs/platform/nest/audit-refusals.interceptor.js';
import { AuditController } from './http/audit.controller.js';
import { BackendsController } from './http/backends.controller.js';
import { DirectoryController } from './http/directory.controller.js';
import { EntryController } from './http/entry.controller.js';
import { InvitationsController } from './http/invitations.controller.js';
import { KeysController } from './http/keys.controller.js';
import { PeopleController } from './http/people.controller.js';
import { RolesController } from './http/roles.controller.js';
import { SettingsController } from './http/settings.controller.js';
import { SamlKeysController } from './http/saml-keys.controller.js';
import { SsoController } from './http/sso.controller.js';
import { UsageController } from './http/usage.controller.js';

/** The face to admins of an organisation. */
@Module({})
export class AdminModule {
  static with(providers: readonly Provider[]): DynamicModule {
    return {
      module: AdminModule,
      controllers: [
        AuditController,
        BackendsController,
        DirectoryController,
        EntryController,
        InvitationsController,
        KeysController,
        PeopleController,
        RolesController,
        SettingsController,
        SsoController,
        SamlKeysController,
        UsageController,
      ],
      providers: [...providers, { provide: APP_INTERCEPTOR, useClass: AuditRefusals }],
    };
  }
}
