import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A server under test, in a process of its own, with the flags the product starts with. */
export interface BenchChild {
  readonly port: number;
  readonly pid: number;
  /** Processor time used so far, in microseconds. */
  cpuMicros(): Promise<number>;
  stop(): Promise<void>;
}

interface Ready {
  readonly port: number;
}
interface Usage {
  readonly cpuMicros: number;
}

const startMs = 30_000;

/** Starts `file` (beside this one); it must call `serveBench`. */
export async function startChild(file: string, args: readonly string[] = []): Promise<BenchChild> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(path, args, {
    execArgv: ['--max-semi-space-size=16'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const { port } = await answer<Ready>(child);
  return {
    port,
    pid: child.pid ?? 0,
    cpuMicros: async () => {
      child.send('cpu');
      return (await answer<Usage>(child)).cpuMicros;
    },
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

async function answer<Message>(child: ChildProcess): Promise<Message> {
  const [message] = (await once(child, 'message', { signal: AbortSignal.timeout(startMs) })) as [Message];
  return message;
}

/** In the child: tells the port, then answers every question with the processor time used. */
export function serveBench(port: number): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMicros: user + system });
  });
  process.send?.({ port });
}
