import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Command } from 'commander';
import { AppError, asAppError } from '#libs/kernel/errors.js';
import { answerHealth, type HttpServer, listen } from './http-servers.js';
import { internalDispatch } from './internal-dispatch.js';
import { addStartOptions, loadConfig, type StartOptions } from './load-config.js';
import type { FaceApp } from './nest/create-face.js';
import { openFoundation, type OpenFoundation } from './open-foundation.js';
import { openLog } from './open-log.js';

/** One app that runs apart from the others. */
export interface ServedApp {
  readonly face: FaceApp;
  /** Whether sockets are opened here. */
  readonly hasSockets: boolean;
  /** Whether the internal port answers `/internal`. */
  readonly isRouter: boolean;
  readonly jwks: () => Promise<unknown>;
  /** Begins background work, once the ports are open. */
  readonly begin: () => Promise<void>;
  /** Tells readers to come back and ends what is being written. */
  readonly drain: () => Promise<void>;
}

/** Requests get this long to end when the app stops. */
const graceMs = 10_000;

/** Runs one app of the platform in a process of its own, until it is told to stop. */
export async function serveApp(
  name: string,
  compose: (foundation: OpenFoundation) => Promise<ServedApp>,
): Promise<void> {
  const command = addStartOptions(
    new Command(`whisper-${name}`).description(`Runs the ${name} app alone, beside the others, on one database.`),
  );
  await command
    .action(async (options: StartOptions) => {
      try {
        await serve(name, options, compose);
      } catch (error) {
        const { message, action, code } = asAppError(error);
        process.stderr.write(`whisper ${name}: ${message}\n         ${action} (${code})\n`);
        process.exit(1);
      }
    })
    .parseAsync(process.argv);
}

async function serve(
  name: string,
  options: StartOptions,
  compose: (foundation: OpenFoundation) => Promise<ServedApp>,
): Promise<void> {
  const config = loadConfig(options);
  if (config.databaseUrl === undefined)
    throw new AppError('start_failed', `The ${name} app shares its database with the others.`, {
      field: 'DATABASE_URL',
      action: 'Set DATABASE_URL, or start everything in one process with `npm start`.',
    });
  const foundation = await openFoundation(config, await openLog(config, `whisper-${name}`, false));
  try {
    const app = await compose(foundation);
    const servers = await openPorts(foundation, app);
    await app.begin();
    stopOnSignal(async () => {
      const closing = servers.map((server) => server.close(graceMs));
      await app.drain();
      await Promise.all(closing);
      await app.face.close();
      await foundation.close();
    });
    process.stdout.write(`whisper ${name} listens on ${config.host}:${config.port}\n`);
  } catch (error) {
    await foundation.close();
    throw error;
  }
}

async function openPorts(
  { config, database, metrics }: OpenFoundation,
  app: ServedApp,
): Promise<readonly HttpServer[]> {
  const isReady = async () => {
    await database.dataSource.query('select 1');
    return true;
  };
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    if (!answerHealth(request, response, isReady)) app.face.handle(request, response);
  };
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    app.face.server.emit('upgrade', request, socket, head);
  };
  const internal = internalDispatch({ router: app.isRouter ? app.face : null, isReady, jwks: app.jwks, metrics });
  return Promise.all([
    listen({ host: config.internalHost, port: config.port + 1 }, internal),
    listen({ host: config.host, port: config.port }, handle, app.hasSockets ? upgrade : undefined),
  ]);
}

function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const end = () => {
    if (stopping) process.exit(130);
    stopping = true;
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
}
