import type { IncomingMessage, ServerResponse } from 'node:http';
import { Command } from 'commander';
import { asAppError } from '#libs/kernel/errors.js';
import { answerHealth, type HttpServer, listen } from './http-servers.js';
import { internalDispatch } from './internal-dispatch.js';
import { addStartOptions, loadConfig, type StartOptions } from './load-config.js';
import { type FaceApp, handUpgrade } from './nest/create-face.js';
import type { ServedFoundation } from './foundation.js';
import { openServedFoundation } from './open-cluster-foundation.js';
import { openLog } from './open-log.js';
import { stopOnSignal } from './stop-on-signal.js';

/** One app that runs apart from the others. */
export interface ServedApp {
  readonly face: FaceApp;
  /** Whether sockets are opened here. */
  readonly hasSockets: boolean;
  /** Whether the internal port answers `/internal`. */
  readonly isRouter: boolean;
  readonly jwks: () => Promise<unknown>;
  /** Whether the app itself can serve; its foundation is asked beside it. */
  readonly isReady: () => Promise<boolean>;
  /** Begins background work, once the ports are open. */
  readonly begin: () => Promise<void>;
  /** Tells readers to come back, and lets what is being written end within `limitMs`. */
  readonly drain: (limitMs: number) => Promise<void>;
}

/**
 * Answers and requests get this long to end when the app stops: 3,000 tokens at 40 a second take 75 s. Readers follow
 * an answer from another process meanwhile.
 */
const graceMs = 90_000;

/** Runs one app of the platform in a process of its own, until it is told to stop. */
export async function serveApp(
  name: string,
  compose: (foundation: ServedFoundation) => Promise<ServedApp>,
): Promise<void> {
  const command = addStartOptions(
    new Command(`whisper-${name}`).description(`Runs the ${name} app alone, beside the others, on one database.`),
  );
  await command
    .action(async (options: StartOptions) => {
      try {
        await serve(name, options, compose);
      } catch (error) {
        tell(name, error);
        process.exit(1);
      }
    })
    .parseAsync(process.argv);
}

function tell(name: string, error: unknown): void {
  const { message, action, code } = asAppError(error);
  process.stderr.write(`whisper ${name}: ${message}\n         ${action} (${code})\n`);
}

async function serve(
  name: string,
  options: StartOptions,
  compose: (foundation: ServedFoundation) => Promise<ServedApp>,
): Promise<void> {
  const config = loadConfig(options);
  const foundation = await openServedFoundation(config, await openLog(config, `whisper-${name}`, false));
  try {
    const app = await compose(foundation);
    const servers = await openPorts(foundation, app);
    await app.begin();
    stopOnSignal(
      async () => {
        const closing = servers.map((server) => server.close(graceMs));
        await app.drain(graceMs);
        await Promise.all(closing);
        await app.face.close();
        await foundation.close();
      },
      (error) => tell(name, error),
    );
    process.stdout.write(`whisper ${name} listens on ${config.host}:${config.port}\n`);
  } catch (error) {
    await foundation.close();
    throw error;
  }
}

async function openPorts(
  { config, metrics, ...foundation }: ServedFoundation,
  app: ServedApp,
): Promise<readonly HttpServer[]> {
  const isReady = async () => (await foundation.isReady()) && (await app.isReady());
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    if (!answerHealth(request, response, isReady)) app.face.handle(request, response);
  };
  const internal = internalDispatch({ router: app.isRouter ? app.face : null, isReady, jwks: app.jwks, metrics });
  return Promise.all([
    listen({ host: config.internalHost, port: config.port + 1 }, internal),
    listen({ host: config.host, port: config.port }, handle, app.hasSockets ? handUpgrade(app.face) : undefined),
  ]);
}
