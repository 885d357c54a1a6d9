import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { AccountController } from './http/account.controller.js';
import { ConversationsController } from './http/conversations.controller.js';
import { ScimDiscoveryController } from './http/scim-discovery.controller.js';
import { ScimGroupsController } from './http/scim-groups.controller.js';
import { ScimUsersController } from './http/scim-users.controller.js';
import { SignInController } from './http/sign-in.controller.js';
import { PasskeysController } from './http/passkeys.controller.js';
import { SamlController } from './http/saml.controller.js';
import { SsoController } from './http/sso.controller.js';
import { TurnsController } from './http/turns.controller.js';
import { ChatGateway } from './ws/chat.gateway.js';

/** What the organisation's directory calls. */
export const directoryControllers = [ScimUsersController, ScimGroupsController, ScimDiscoveryController];

/** How people come in, and what they do with their own account. */
export const accountControllers = [
  SignInController,
  PasskeysController,
  SsoController,
  SamlController,
  AccountController,
];

/** The face to employees. */
@Module({})
export class ChatModule {
  /** The gateway's token, to tell its sockets to come back when the app stops. */
  static readonly gateway = ChatGateway;

  static with(providers: readonly Provider[]): DynamicModule {
    return {
      module: ChatModule,
      controllers: [...directoryControllers, ...accountControllers, ConversationsController, TurnsController],
      providers: [...providers, ChatGateway],
    };
  }
}
