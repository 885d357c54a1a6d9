import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { installRoot } from '#libs/platform/install-root.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';

const startMs = 60_000;

/** One operator in a process of its own, started as `npm run operator` does. */
export class OperatorProcess {
  /** What it wrote to its log. */
  log = '';

  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (bytes: Buffer) => (this.log += bytes.toString()));
  }

  /** Starts it and waits until it has seen the whole cluster. */
  static async start(args: readonly string[], env: Readonly<Record<string, string>>): Promise<OperatorProcess> {
    const port = await freePort();
    const program = join(installRoot(), 'dist/operator/main.js');
    const child = spawn(process.execPath, [program, ...args, '--listen', `127.0.0.1:${port}`], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const operator = new OperatorProcess(child, port);
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`the operator ended: ${operator.log.slice(-2_000)}`);
      return (await fetch(operator.url('/readyz')).catch(() => null))?.ok === true;
    }, startMs);
    return operator;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Whether this one writes: the others wait. */
  async isLeader(): Promise<boolean> {
    const text = await (await fetch(this.url('/metrics'))).text();
    return /^leader_election_master_status\{[^}]*\} 1$/m.test(text);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.hasEnded) return;
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    await gone;
  }

  private url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }
}
