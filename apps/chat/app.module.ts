import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { ConversationsController } from './http/conversations.controller.js';
import { TurnsController } from './http/turns.controller.js';
import { ChatGateway } from './ws/chat.gateway.js';

/** The face to employees. */
@Module({})
export class ChatModule {
  static with(providers: readonly Provider[]): DynamicModule {
    return {
      module: ChatModule,
      controllers: [ConversationsController, TurnsController],
      providers: [...providers, ChatGateway],
    };
  }
}
