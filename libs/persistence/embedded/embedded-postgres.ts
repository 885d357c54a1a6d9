import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdir, open, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { pause } from '#libs/kernel/abort.js';
import { AppError, describeError } from '#libs/kernel/errors.js';
import { type Binaries, findBinaries } from './binaries.js';
import { clearLeftovers } from './postmaster-file.js';
import { serverUser, untraversable } from './server-user.js';

const run = promisify(execFile);

/** The data format belongs to the major version, so the folder carries it. */
const majorVersion = 18;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Settings of a server that shares one machine with a browser and a model. */
function serverArguments(cluster: string, port: number): string[] {
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '32MB',
    max_connections: '80',
    max_locks_per_transaction: '256',
    logging_collector: 'off',
    log_min_messages: 'warning',
    log_statement: 'none',
    log_min_error_statement: 'panic',
    password_encryption: 'scram-sha-256',
  };
  return ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

interface ServerParts {
  readonly binaries: Binaries;
  readonly cluster: string;
  readonly logFile: string;
  /** User it runs as, or null for our own. */
  readonly uid: number | null;
  readonly port: number;
  readonly password: string;
  readonly report: (message: string) => void;
}

/** A real PostgreSQL of our own on loopback, kept running until `stop`. */
export class EmbeddedPostgres {
  private child: ChildProcess | null = null;
  private stopping = false;

  private constructor(private readonly parts: ServerParts) {}

  /** Connection URL of the superuser to the database `name`. */
  url(name: string): string {
    return `postgres://postgres:${this.parts.password}@127.0.0.1:${this.parts.port}/${name}`;
  }

  /**
   * Starts the server of a data folder, and makes the cluster the first time.
   * @param report is told when the server dies and when it is back
   * @throws {AppError} start_failed with the folder or the server's last words
   */
  static async start(dataFolder: string, report: (message: string) => void): Promise<EmbeddedPostgres> {
    const uid = serverUser();
    if (uid !== null) await refuseClosedPath(dataFolder, uid);
    const binaries = await findBinaries(dataFolder, uid);
    const cluster = join(dataFolder, `postgres-${majorVersion}`);
    const password = await clusterPassword(dataFolder);
    await initialise(binaries, cluster, password, uid);
    await clearLeftovers(cluster);
    const logFile = join(dataFolder, 'postgres.log');
    const server = new EmbeddedPostgres({ binaries, cluster, logFile, uid, port: await freePort(), password, report });
    await server.launch();
    return server;
  }

  /**
   * URL of the superuser to a server that another process of ours runs.
   * @throws {AppError} database_unavailable when it is not up
   */
  static async runningUrl(dataFolder: string): Promise<string> {
    const password = await clusterPassword(dataFolder);
    const lines = await readFile(join(dataFolder, `postgres-${majorVersion}`, 'postmaster.pid'), 'utf8').catch(
      () => '',
    );
    const port = Number(lines.split('\n')[3]);
    if (!Number.isInteger(port) || port <= 0)
      throw new AppError('database_unavailable', 'The platform is just starting or ending.');
    return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  }

  private async launch(): Promise<void> {
    // A log of 10 MB tells enough; a server that complains for weeks must not fill the disk.
    const { size } = await stat(this.parts.logFile).catch(() => ({ size: 0 }));
    if (size > 10 * 1024 * 1024) await truncate(this.parts.logFile);
    const log = await open(this.parts.logFile, 'a', 0o600);
    // Its own process group: Ctrl-C in the terminal must reach us first, so that we end requests before the database.
    const child = spawn(this.parts.binaries.postgres, serverArguments(this.parts.cluster, this.parts.port), {
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
      cwd: this.parts.cluster,
      env: { TZ: 'UTC', LC_ALL: 'C.UTF-8' },
      ...(this.parts.uid === null ? {} : { uid: this.parts.uid, gid: this.parts.uid }),
    });
    await log.close();
    this.child = child;
    child.on('error', (error) => this.parts.report(`PostgreSQL could not be started: ${error.message}`));
    child.on('exit', () => void this.revive(child));
    await this.ready(child);
  }

  /** A server that was killed recovers by itself when it is started again; its lock file may linger for a moment. */
  private async revive(child: ChildProcess): Promise<void> {
    if (this.stopping || this.child !== child || !this.wasReady) return;
    this.wasReady = false;
    this.parts.report('PostgreSQL ended; starting it again');
    // For as long as we run: what keeps it down, as a full disk, may take an hour to mend.
    for (let attempt = 1; !this.stopping; attempt += 1) {
      try {
        await clearLeftovers(this.parts.cluster);
        await this.launch();
        this.parts.report('PostgreSQL is back');
        return;
      } catch (error) {
        this.parts.report(`PostgreSQL does not start: ${describeError(error)}`);
        await pause(Math.min(5_000, 250 * attempt));
      }
    }
  }

  private wasReady = false;

  private async ready(child: ChildProcess): Promise<void> {
    // Recovery after a crash replays up to 1 GB of log; 60 s cover it on a slow disk.
    const until = Date.now() + 60_000;
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new AppError('start_failed', `PostgreSQL did not start: ${await this.lastWords()}`, {
          action: `See ${this.parts.logFile}.`,
        });
      const client = new pg.Client({ connectionString: this.url('postgres'), connectionTimeoutMillis: 2_000 });
      client.on('error', () => undefined);
      try {
        await client.connect();
        await client.query('select 1');
        this.wasReady = true;
        return;
      } catch (cause) {
        if (Date.now() > until)
          throw new AppError('start_failed', `PostgreSQL does not answer: ${describeError(cause)}`, {
            action: `See ${this.parts.logFile}.`,
            cause,
          });
        await pause(15);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }

  private async lastWords(): Promise<string> {
    const text = await readFile(this.parts.logFile, 'utf8').catch(() => '');
    return text.trim().split('\n').slice(-3).join(' | ') || 'no word in its log';
  }

  /** Shuts the server down (fast: open transactions are rolled back) and waits until it has gone. */
  async stop(): Promise<void> {
    this.stopping = true;
    const child = this.child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGINT');
    // A checkpoint that takes longer than 15 s is not worth waiting for: recovery at the next start does the same.
    const impatience = setTimeout(() => child.kill('SIGQUIT'), 15_000);
    await gone;
    clearTimeout(impatience);
  }
}

async function refuseClosedPath(dataFolder: string, uid: number): Promise<void> {
  const closed = await untraversable(dataFolder, uid);
  if (closed === null) return;
  throw new AppError('start_failed', `PostgreSQL may not run as root, and user ${uid} cannot walk through ${closed}.`, {
    field: 'data',
    action: `Choose another folder with --data, or run: chmod o+x ${closed}`,
  });
}

async function clusterPassword(dataFolder: string): Promise<string> {
  const path = join(dataFolder, 'postgres-password');
  const kept = await readFile(path, 'utf8').catch(() => null);
  if (kept !== null && kept.length >= 32) return kept;
  const password = randomBytes(32).toString('base64url');
  await writeFile(path, password, { mode: 0o600 });
  return password;
}

/**
 * initdb, unlike the server, asks for the name of its user, so it runs as the one account every machine has;
 * the files are given to the server's own user before anything is in them.
 */
const nobody = 65_534;

async function giveAway(folder: string, uid: number): Promise<void> {
  await chown(folder, uid, uid);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    await chown(join(entry.parentPath, entry.name), uid, uid);
}

async function initialise(binaries: Binaries, cluster: string, password: string, uid: number | null): Promise<void> {
  const complete = await stat(join(cluster, 'whisper-ready')).then(
    () => true,
    () => false,
  );
  if (complete) return;
  const begun = await stat(cluster).then(
    () => true,
    () => false,
  );
  // Without our mark the cluster was never finished, so nothing was ever acknowledged from it.
  if (begun) await rm(cluster, { recursive: true, force: true });
  await mkdir(cluster, { mode: 0o700, recursive: true });
  await chmod(cluster, 0o700);
  const passwordFile = join(cluster, '..', `.initdb-password.${process.pid}`);
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (uid !== null) {
    await chown(cluster, nobody, nobody);
    await chown(passwordFile, nobody, nobody);
  }
  try {
    await run(
      binaries.initdb,
      [
        '-D',
        cluster,
        '-U',
        'postgres',
        '--pwfile',
        passwordFile,
        '-A',
        'scram-sha-256',
        '-E',
        'UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        '--no-sync',
        '--no-instructions',
      ],
      {
        timeout: 120_000,
        cwd: '/',
        env: { LC_ALL: 'C', TZ: 'UTC' },
        ...(uid === null ? {} : { uid: nobody, gid: nobody }),
      },
    );
    if (uid !== null) await giveAway(cluster, uid);
    await writeFile(join(cluster, 'whisper-ready'), '');
  } catch (cause) {
    throw new AppError(
      'start_failed',
      `PostgreSQL could not make its data folder ${cluster}: ${describeError(cause)}`,
      { field: 'data', cause },
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
}
