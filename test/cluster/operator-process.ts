import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { installRoot } from '#libs/platform/install-root.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';

const startMs = 60_000;
/** How soon one that ended is started again, as a kubelet would. */
const restartMs = 1_000;

/** How one operator is run. */
interface Run {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** One that ends is started again. */
  readonly isKept?: boolean;
}

/** One operator in a process of its own, started as `npm run operator` does. */
export class OperatorProcess {
  /** What it wrote to its log. */
  log = '';
  private child: ChildProcess;
  private restart: NodeJS.Timeout | null = null;

  private constructor(
    private readonly run: Run,
    private readonly port: number,
  ) {
    this.child = this.launch();
  }

  /** Starts it and waits until it has seen the whole cluster. */
  static async start(run: Run): Promise<OperatorProcess> {
    const operator = new OperatorProcess(run, await freePort());
    await until(async () => {
      if (operator.child.exitCode !== null) throw new Error(`the operator ended: ${operator.log.slice(-2_000)}`);
      return operator.isReady();
    }, startMs);
    return operator;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async isReady(): Promise<boolean> {
    return (await fetch(this.url('/readyz')).catch(() => null))?.ok === true;
  }

  /** Whether this one writes: the others wait. */
  async isLeader(): Promise<boolean> {
    const answer = await fetch(this.url('/metrics')).catch(() => null);
    return /^leader_election_master_status\{[^}]*\} 1$/m.test((await answer?.text()) ?? '');
  }

  /** Kills it with -9; one that is kept comes back. */
  async crash(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.child.removeAllListeners('exit');
    if (this.restart !== null) clearTimeout(this.restart);
    if (this.hasEnded) return;
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    await gone;
  }

  private launch(): ChildProcess {
    const { args, env, isKept = false } = this.run;
    const program = join(installRoot(), 'dist/operator/main.js');
    const child = spawn(process.execPath, [program, ...args, '--listen', `127.0.0.1:${this.port}`], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => (this.log += bytes.toString()));
    if (isKept)
      child.once('exit', () => {
        this.restart = setTimeout(() => (this.child = this.launch()), restartMs);
      });
    return child;
  }

  private url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }
}
