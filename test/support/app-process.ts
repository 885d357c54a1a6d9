import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { installRoot } from '#libs/platform/install-root.js';
import { Browser } from './browser.js';
import { freePort } from './free-port.js';
import { until } from './until.js';

/** One app of the platform in a process of its own, as a pod runs it. */
export class AppProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    private readonly words: string[],
  ) {}

  /** @param isUp false: do not wait until it is ready, since it is expected to end */
  static async start(
    name: 'chat' | 'router' | 'admin',
    env: Readonly<Record<string, string>>,
    port?: number,
  ): Promise<AppProcess> {
    const app = await AppProcess.launch(name, env, port);
    await until(async () => {
      if (app.child.exitCode !== null) throw new Error(`the ${name} app ended: ${app.words.join('')}`);
      return (await new Browser(`http://127.0.0.1:${app.port}`).get('/readyz').catch(() => null))?.status === 200;
    }, 30_000);
    return app;
  }

  static async launch(
    name: 'chat' | 'router' | 'admin',
    env: Readonly<Record<string, string>>,
    port?: number,
  ): Promise<AppProcess> {
    const own = port ?? (await freePort());
    const child = spawn(process.execPath, [join(installRoot(), 'dist', 'apps', name, 'main.js')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: process.env['PATH'] ?? '',
        WHISPER_PROBE_MODELS: 'false',
        WHISPER_LOG_LEVEL: 'silent',
        WHISPER_PORT: String(own),
        ...env,
      },
    });
    const words: string[] = [];
    child.stderr.on('data', (bytes: Buffer) => words.push(bytes.toString()));
    return new AppProcess(child, own, words);
  }

  /** Its internal address. */
  get internalUrl(): string {
    return `http://127.0.0.1:${this.port + 1}`;
  }

  /** Waits until it has ended by itself. @returns what it said */
  async ended(): Promise<{ code: number | null; words: string }> {
    if (this.child.exitCode === null) await once(this.child, 'exit');
    return { code: this.child.exitCode, words: this.words.join('') };
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await gone;
  }
}
