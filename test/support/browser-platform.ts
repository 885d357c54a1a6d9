import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { startCuttableProxy, type CuttableProxy } from './cuttable-proxy.js';
import { freePort } from './redis-server.js';
import { until } from './until.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** Longest start of the platform, in ms: with two busy cores the first start makes a database. */
const startMs = 60_000;

export interface LaunchOptions {
  /** Manifests by file name; left out: the ones of examples/tenants. */
  readonly manifests?: Readonly<Record<string, string>>;
  /** Contents of secrets by path, such as `acme/idp/value`. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** The whole platform in a process of its own, behind a wire that can be cut. */
export interface Platform {
  /** What people open, such as `http://acme.localhost:4780`. */
  chatUrl(tenant: string): string;
  /** Without the wire in between: where programs call the API. */
  readonly apiUrl: string;
  readonly wire: CuttableProxy;
  ownerLink(tenant: string): Promise<string>;
  /** Ends the process at once, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the built product on a data folder of its own. `stop` ends it and removes everything. */
export async function launchPlatform({ manifests, secrets = {} }: LaunchOptions = {}): Promise<Platform> {
  const data = await mkdtemp(join(tmpdir(), 'whisper-browser-'));
  // As root the database runs as another user, who must be able to walk in.
  await chmod(data, 0o711);
  const tenants = join(data, 'manifests');
  await mkdir(tenants);
  if (manifests === undefined) cpSync(join(root, 'examples', 'tenants'), tenants, { recursive: true });
  for (const [name, text] of Object.entries(manifests ?? {})) await writeFile(join(tenants, name), text);
  for (const [path, text] of Object.entries(secrets)) {
    await mkdir(dirname(join(data, 'secrets', path)), { recursive: true });
    await writeFile(join(data, 'secrets', path), text);
  }
  const port = await freePort();
  const wire = await startCuttableProxy(port);
  const start = () => startProcess({ data, tenants, port, publicPort: wire.port });
  let child = await start();
  const kill = async () => end(child, 'SIGKILL');
  return {
    chatUrl: (tenant) => `http://${tenant}.localhost:${wire.port}`,
    apiUrl: `http://127.0.0.1:${port}/v1`,
    wire,
    async ownerLink(tenant) {
      const args = [join(root, 'apps/cli/whisper.mjs'), '--data', data, 'link', '--tenant', tenant];
      return (await promisify(execFile)(process.execPath, args, { timeout: startMs })).stdout.trim();
    },
    kill,
    async restart() {
      child = await start();
    },
    async stop() {
      await end(child, 'SIGTERM');
      endDatabase(data);
      await wire.close();
      await rm(data, { recursive: true, force: true });
    },
  };
}

interface ProcessParts {
  readonly data: string;
  readonly tenants: string;
  readonly port: number;
  readonly publicPort: number;
}

async function startProcess({ data, tenants, port, publicPort }: ProcessParts): Promise<ChildProcess> {
  const options = { data, tenants, port, 'public-url': `http://localhost:${publicPort}` };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, [join(root, 'dist/apps/standalone/main.js'), ...args], {
    cwd: root,
    env: { ...process.env, WHISPER_PROBE_MODELS: 'false', WHISPER_LOG_LEVEL: 'error' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`the platform did not start: ${complaints.slice(-2_000)}`);
    return (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.ok === true;
  }, startMs);
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

/** A killed platform leaves its database running, which the next start would have taken over. */
function endDatabase(data: string): void {
  try {
    const [pid = ''] = readFileSync(join(data, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), 'SIGQUIT');
  } catch {
    // It ended with the platform, as it should.
  }
}

/** A real Chromium without a window, that asks nothing of the world by itself. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
