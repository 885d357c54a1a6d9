import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../support/until.js';
import { type KubeTools, kubeTools } from './control-plane.js';
import { isAlive, withFolderLock } from './tools/folder-lock.js';

/** The control plane that all suites of a run share. Each suite works in namespaces of its own. */
export interface SharedControlPlane extends KubeTools {
  readonly server: string;
  readonly kubeconfig: string;
  /** Logs of its programs, and `audit.log`. */
  readonly folder: string;
}

const startMs = 180_000;
const fileName = 'control-plane.json';

interface Written {
  readonly server: string;
  readonly kubeconfig: string;
  readonly folder: string;
  readonly pid: number;
}

function read(file: string): Written | null {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Written) : null;
}

/** The run's control plane, started by the first suite that asks. `programs` is the folder of its programs. */
export async function sharedControlPlane(programs: string): Promise<SharedControlPlane> {
  const folder = process.env['WHISPER_TEST_FOLDER'];
  const owner = process.env['WHISPER_TEST_PID'];
  if (folder === undefined || owner === undefined) throw new Error('the global setup of the tests has not run');
  const file = join(folder, fileName);
  const started = join(folder, 'control-plane.log');
  await withFolderLock(join(folder, 'control-plane.lock'), startMs, () => {
    if (existsSync(started)) return;
    const log = openSync(started, 'a');
    const script = fileURLToPath(new URL('./control-plane-process.js', import.meta.url));
    spawn(process.execPath, [script, programs, file, owner], { detached: true, stdio: ['ignore', log, log] }).unref();
  });
  const written = await until(() => read(file) ?? failed(started), startMs);
  return { ...written, ...kubeTools(programs, written.kubeconfig) };
}

function failed(log: string): null {
  const words = readFileSync(log, 'utf8');
  if (words.includes('Error')) throw new Error(`the control plane did not start: ${words.slice(-1000)}`);
  return null;
}

/** Ends it, where one was started. */
export async function stopSharedControlPlane(folder: string): Promise<void> {
  const pid = read(join(folder, fileName))?.pid;
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGTERM');
    await until(() => !isAlive(pid), startMs);
  } catch {
    // It has ended by itself.
  }
}
