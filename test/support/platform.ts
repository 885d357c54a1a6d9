import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Browser } from './browser.js';
import { freePort } from './free-port.js';
import { until } from './until.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const mainFile = join(root, 'dist', 'apps', 'standalone', 'main.js');
const cliFile = join(root, 'apps', 'cli', 'whisper.mjs');

/** The least environment a process needs, so that nothing of the machine decides a test. */
const bareEnvironment = { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), WHISPER_PROBE_MODELS: 'false' };

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface PlatformOptions {
  /** Folder of manifests; left out: one with the tenants acme and globex. */
  readonly tenants?: string;
  readonly data?: string;
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** A folder of its own that another user may walk through, as the database does where we are root. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'whisper-e2e-'));
  await chmod(folder, 0o711);
  return folder;
}

/** A manifest in a file `<name>.yaml`; JSON is YAML. `spec` replaces fields. */
export async function writeTenant(folder: string, name: string, spec: Record<string, unknown> = {}): Promise<void> {
  const manifest = {
    apiVersion: 'whisperengine.ai/v1alpha1',
    kind: 'WhisperTenant',
    metadata: { name },
    spec: { displayName: `The ${name}`, owner: { email: `owner@${name}.example` }, ...spec },
  };
  await writeFile(join(folder, `${name}.yaml`), JSON.stringify(manifest, null, 2));
}

export async function writeBackend(folder: string, name: string, spec: Record<string, unknown>): Promise<void> {
  const manifest = { apiVersion: 'whisperengine.ai/v1alpha1', kind: 'ModelBackend', metadata: { name }, spec };
  await writeFile(join(folder, `backend-${name}.yaml`), JSON.stringify(manifest, null, 2));
}

/** Folder for manifests with the tenants acme and globex; both use the model server at `url`, where one is named. */
export async function twoTenants(url?: string): Promise<string> {
  const folder = await newFolder();
  const models =
    url === undefined
      ? {}
      : { models: { backends: [{ ref: 'fake' }], default: 'tiny', allow: ['tiny', 'tiny-embed'] } };
  if (url !== undefined)
    await writeBackend(folder, 'fake', {
      provider: 'openai',
      url,
      models: [{ id: 'tiny' }, { id: 'tiny-embed', kind: 'embeddings' }],
    });
  for (const name of ['acme', 'globex']) await writeTenant(folder, name, models);
  return folder;
}

/** Runs a program of ours to its end. */
export function runNode(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const settings = { cwd: root, env: { ...bareEnvironment, ...env }, timeout: 30_000 };
    const child = execFile(process.execPath, [...args], settings, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

/** Runs the start command where it is expected to end by itself. */
export function runMain(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return runNode([mainFile, ...args], env);
}

/** The command line with its own settings. */
export function runCli(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return runNode([cliFile, ...args], env);
}

/** The process of the embedded database of a data folder, where it lives. */
export async function postgresPid(data: string): Promise<number | null> {
  const cluster = join(data, 'postgres-18');
  const pid = Number((await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1) return null;
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => null);
  return folder === cluster ? pid : null;
}

/** The whole platform as its users start it: a process of its own on ports and data of its own. */
export class Platform {
  stdout = '';
  stderr = '';
  private child: ChildProcess | null = null;

  private constructor(
    readonly data: string,
    readonly tenants: string,
    readonly port: number,
    private readonly options: PlatformOptions,
  ) {}

  static async start(options: PlatformOptions = {}): Promise<Platform> {
    const data = options.data ?? (await newFolder());
    const tenants = options.tenants ?? (await twoTenants());
    await mkdir(tenants, { recursive: true });
    const platform = new Platform(data, tenants, options.port ?? (await freePort()), options);
    await platform.restart();
    return platform;
  }

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error('the platform does not run');
    return this.child.pid;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  private get env(): Record<string, string> {
    return { ...bareEnvironment, ...this.options.env };
  }

  /** Starts the process again on the same folders and ports, and waits until it can serve. */
  async restart(): Promise<void> {
    const { child: before } = this;
    if (before !== null && before.exitCode === null && before.signalCode === null)
      throw new Error('the platform still runs: a second one would answer for it, and outlive the test');
    const places = ['--data', this.data, '--tenants', this.tenants, '--port', String(this.port)];
    const child = spawn(process.execPath, [mainFile, ...places, ...(this.options.args ?? [])], {
      cwd: root,
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    child.stdout.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    const browser = new Browser(this.url);
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`the platform ended: ${this.stderr}`);
      return (await browser.get('/readyz').catch(() => null))?.status === 200;
    }, 30_000);
  }

  /** Ends the process by a signal of its user. @returns its exit code */
  async stop(signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<number | null> {
    return this.end(signal);
  }

  /** Ends it as a power cut would. The embedded database lives on. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.child;
    if (child === null) return null;
    this.child = null;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    }
    return child.exitCode;
  }

  /** Ends everything and removes the folders. */
  async close(): Promise<void> {
    await this.stop();
    const orphan = await postgresPid(this.data);
    if (orphan !== null) {
      process.kill(orphan, 'SIGQUIT');
      await until(async () => (await postgresPid(this.data)) === null);
    }
    await rm(this.data, { recursive: true, force: true });
    await rm(this.tenants, { recursive: true, force: true });
  }

  cli(...args: string[]): Promise<Ran> {
    const env = { ...this.options.env };
    return runCli(['--data', this.data, ...args], env);
  }

  chat(tenant: string): Browser {
    return new Browser(`http://${tenant}.localhost:${this.port}`);
  }

  /** A chat browser of the tenant's owner, signed in by a link of the command line. */
  async signIn(tenant: string): Promise<Browser> {
    const { stdout, stderr } = await this.cli('link', '--tenant', tenant);
    const token = stdout.trim().split('#')[1];
    if (token === undefined) throw new Error(`no link: ${stderr}`);
    const browser = this.chat(tenant);
    const answer = await browser.call('POST', '/api/links/use', { token });
    if (answer.status !== 200) throw new Error(`not signed in: ${answer.text}`);
    return browser;
  }

  /** The same person on the admin pages. */
  async enterAdmin(chat: Browser): Promise<Browser> {
    const { json } = await chat.call('POST', '/api/admin-handover');
    const url = new URL(String(json['url']));
    const admin = new Browser(url.origin);
    const answer = await admin.call('POST', '/api/handover', { token: url.hash.slice(1) });
    if (answer.status !== 200) throw new Error(`not let in: ${answer.text}`);
    return admin;
  }

  async newKey(tenant: string): Promise<string> {
    const { stdout, stderr } = await this.cli('key', 'create', '--tenant', tenant, '--name', 'test');
    if (!stdout.startsWith('wk_')) throw new Error(`no key: ${stderr}`);
    return stdout.trim();
  }
}

/** Starts the whole platform in a process of its own, and waits until it can serve. */
export function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  return Platform.start(options);
}
