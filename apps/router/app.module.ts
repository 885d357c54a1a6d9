import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { replyHeaders } from '#libs/contracts/router-api.js';
import { ExchangeToken } from '#libs/identity/app/exchange-token.js';
import { InternalController } from './http/internal.controller.js';
import { maxBodyBytes } from './http/json-body.js';
import { TokenController } from './http/token.controller.js';
import { V1Controller } from './http/v1.controller.js';
import { KeyGate } from './http/key-gate.js';
import { KeyAuthenticator } from '#libs/identity/ports/key-authenticator.js';
import { TrustedProxies } from '#libs/platform/trusted-proxies.js';

/** The router: the OpenAI-compatible API and its internal twin. */
@Module({})
export class RouterModule {
  /**
   * @param providers Complete, ListModels, KeyAuthenticator, ServiceTokenVerifier and TrustedProxies
   * @param exchange null where no pod comes for tokens, which then has no route either
   */
  static with(providers: Provider[], exchange: ExchangeToken | null = null): DynamicModule {
    const gate: Provider = {
      provide: KeyGate,
      useFactory: (keys: KeyAuthenticator, proxies: TrustedProxies) => new KeyGate(keys, proxies),
      inject: [KeyAuthenticator, TrustedProxies],
    };
    const tokens = exchange === null ? [] : [{ provide: ExchangeToken, useValue: exchange }];
    return {
      module: RouterModule,
      controllers: [V1Controller, InternalController, ...(exchange === null ? [] : [TokenController])],
      providers: [...providers, gate, ...tokens],
    };
  }

  /** Call before `app.init()`: bodies stay bytes, and every reply names its request. */
  static equip(app: NestFastifyApplication): void {
    app.useBodyParser('application/json', { bodyLimit: maxBodyBytes }, (_request, body, done) => done(null, body));
    app
      .getHttpAdapter()
      .getInstance()
      .addHook('onRequest', (request, reply, done) => {
        void reply.header(replyHeaders.requestId, String(request.id));
        done();
      });
  }
}
