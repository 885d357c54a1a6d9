import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const progressMs = 30_000;

/** What the Go compiler is asked for. */
export interface GoInstall {
  /** The go program. */
  readonly go: string;
  /** Folder of go.mod. */
  readonly folder: string;
  /** `install -v …`: with `-v` it names each package, which is counted and, when it fails, told. */
  readonly args: readonly string[];
  /** Where the programs go. */
  readonly bin: string;
  readonly timeoutMs: number;
  readonly tell: (packages: number) => void;
}

/** Compiles programs into `bin`, without C and by the Go that is there. */
export async function goInstall({ go, folder, args, bin, timeoutMs, tell }: GoInstall): Promise<void> {
  const environment = { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '', GOBIN: bin };
  const child = spawn(go, args, {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: timeoutMs,
  });
  const words: string[] = [];
  createInterface(child.stderr).on('line', (line) => words.push(line));
  const timer = setInterval(() => tell(words.length), progressMs);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(words.slice(-5).join(' | '));
  } finally {
    clearInterval(timer);
  }
}
