import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../cluster/tools/kubernetes-programs.js';
import { withFolderLock } from '../cluster/tools/folder-lock.js';
import { tinyGguf } from './tiny-gguf.js';

const version = '3.22.1';
/** Prebuilt engines that these tests know to work. */
const platformPackages: Readonly<Record<string, string>> = { 'linux-x64': '@node-llama-cpp/linux-x64' };

/** Longest wait for npm, and for the engine to load, in ms. */
const installMs = 240_000;
const startMs = 60_000;

/** Longest install by anybody whose lock we wait for, in ms: two calls of npm. */
const lockMs = 2 * installMs;

type Found = string | { readonly missing: string };

/** Where the engine is, or why it can not be had. */
export function llamaFolder(): Found {
  const platform = platformPackages[`${process.platform}-${process.arch}`];
  if (platform === undefined) return { missing: `no prebuilt engine for ${process.platform}-${process.arch}` };
  const folder = join(cacheFolder(), `node-llama-cpp-${version}`);
  return existsSync(join(folder, 'node_modules')) ? folder : { missing: 'not installed: see what npm said above' };
}

/**
 * The same folder, fetched first where that can be done. Without its install scripts and its optional packages:
 * those would compile llama.cpp, or fetch 700 MB of GPU code.
 */
export async function fetchLlama(): Promise<Found> {
  const platform = platformPackages[`${process.platform}-${process.arch}`];
  const found = llamaFolder();
  if (typeof found === 'string' || platform === undefined) return found;
  const folder = join(cacheFolder(), `node-llama-cpp-${version}`);
  const partial = `${folder}.partial`;
  mkdirSync(cacheFolder(), { recursive: true });
  try {
    return await withFolderLock(`${folder}.lock`, lockMs, () => {
      if (existsSync(join(folder, 'node_modules'))) return Promise.resolve(folder);
      rmSync(partial, { recursive: true, force: true });
      mkdirSync(partial);
      writeFileSync(join(partial, 'package.json'), '{"private":true,"type":"module"}');
      install(partial, ['--omit=optional', `node-llama-cpp@${version}`]);
      install(partial, ['--no-save', `${platform}@${version}`]);
      renameSync(partial, folder);
      return Promise.resolve(folder);
    });
  } catch (error) {
    return { missing: `npm could not install it (${String(error).slice(0, 200)})` };
  }
}

function install(folder: string, args: readonly string[]): void {
  const flags = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', [...flags, ...args], { cwd: folder, timeout: installMs, stdio: 'pipe' });
}

export interface LlamaEngine {
  /** Base URL up to and with `/v1`; its one model is `tiny-llama`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** llama.cpp with a self-made model, behind an OpenAI-compatible HTTP face, in a process of its own. */
export async function startLlama(folder: string): Promise<LlamaEngine> {
  const place = mkdtempSync(join(tmpdir(), 'whisper-llama-'));
  const model = join(place, 'tiny.gguf');
  writeFileSync(model, tinyGguf());
  const child = fork(fileURLToPath(new URL('./llama-face.js', import.meta.url)), [folder, model], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [message] = (await once(child, 'message', { signal: AbortSignal.timeout(startMs) })) as [{ port: number }];
  return {
    url: `http://127.0.0.1:${message.port}/v1`,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      }
      rmSync(place, { recursive: true, force: true });
    },
  };
}
