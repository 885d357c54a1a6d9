import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { type DynamicModule, type LoggerService } from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { uuidV7 } from '#libs/kernel/ids.js';
import { AccessGuard } from './access.guard.js';
import type { FaceErrors } from './face-errors.js';
import { ReplyInterceptor } from './reply.interceptor.js';
import { validationPipe } from './validation.pipe.js';

/** A Nest app that does not listen itself: requests and upgrades are handed to it. */
export interface FaceApp {
  readonly app: NestFastifyApplication;
  /** Its own http server, which never listens; upgrades are emitted on it. */
  readonly server: Server;
  /** Every route it answers, as `GET /api/me`; what answers GET answers HEAD, too. */
  readonly routes: readonly string[];
  handle(request: IncomingMessage, response: ServerResponse): void;
  close(): Promise<void>;
}

/** What a face is made of. */
export interface FaceOptions {
  readonly module: DynamicModule;
  readonly log: Logger;
  readonly bodyLimitBytes: number;
  /** Hooks and routes that are Fastify's, before Nest registers its own. */
  readonly prepare: (instance: FastifyInstance) => void | Promise<void>;
  /** After the app was made and before it is initialised: the socket adapter. */
  readonly equip?: (app: NestFastifyApplication) => void;
  /** Whether contracts decide who is let in and what is sent. The router's hot routes do both themselves. */
  readonly contracts: boolean;
  /** Turns errors into answers, in the dialect of the face. */
  readonly errors: FaceErrors;
}

/** Nest's own messages in our log. */
class NestLog implements LoggerService {
  constructor(private readonly logger: Logger) {}
  log(): void {
    // Nest tells of every route it maps at each start; the reference pages list them.
  }
  error(message: unknown): void {
    this.logger.error({ nest: String(message) }, 'nest error');
  }
  warn(message: unknown): void {
    this.logger.warn({ nest: String(message) }, 'nest warning');
  }
}

/** Makes one face of the platform. */
export async function createFace(options: FaceOptions): Promise<FaceApp> {
  let server: Server | undefined;
  const errors = options.errors;
  const adapter = new FastifyAdapter({
    serverFactory: (listener: RequestListener) => (server = createServer(listener)),
    bodyLimit: options.bodyLimitBytes,
    genReqId: () => uuidV7(Date.now()),
    routerOptions: { maxParamLength: 200 },
    logger: false,
    // An address that cannot be read reaches no route and no hook.
    frameworkErrors: (error: unknown, request: unknown, reply: unknown) =>
      errors.answer(error, request as FastifyRequest, reply as FastifyReply),
  });
  const instance = adapter.getInstance() as unknown as FastifyInstance;
  // Fastify reads plain text by itself; here it is a type that is not understood, like any other.
  instance.removeContentTypeParser('text/plain');
  // Directories send JSON under a name of its own.
  const parseJson = instance.getDefaultJsonParser('error', 'error');
  instance.addContentTypeParser('application/scim+json', { parseAs: 'string' }, (request, body: string, done) => {
    // They name the type in a DELETE, too, which has no body.
    if (body === '') done(null, undefined);
    else void parseJson(request, body, done);
  });
  const routes: string[] = [];
  instance.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) if (one !== 'HEAD') routes.push(`${one} ${url}`);
  });
  await options.prepare(instance);
  const app = await NestFactory.create<NestFastifyApplication>(options.module, adapter, {
    logger: new NestLog(options.log),
    abortOnError: false,
  });
  app.useGlobalFilters(errors);
  if (options.contracts) {
    const reflector = app.get(Reflector);
    app.useGlobalGuards(new AccessGuard(reflector));
    app.useGlobalInterceptors(new ReplyInterceptor(reflector));
    app.useGlobalPipes(validationPipe());
  }
  options.equip?.(app);
  await app.init();
  await instance.ready();
  if (server === undefined) throw new TypeError('Fastify made no server');
  return {
    app,
    server,
    routes,
    handle: (request, response) => instance.routing(request, response),
    close: () => app.close(),
  };
}

/** Hands an upgrade of a listening server to the face, as its own server would have taken it. */
export function handUpgrade(face: FaceApp): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  return (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    face.server.emit('upgrade', request, socket, head);
  };
}
