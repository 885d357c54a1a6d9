import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tinyGguf } from './tiny-gguf.js';

const version = '3.22.1';
/** Prebuilt engines that these tests know to work. */
const platformPackages: Readonly<Record<string, string>> = { 'linux-x64': '@node-llama-cpp/linux-x64' };

/** Longest wait for npm, and for the engine to load, in ms. */
const installMs = 240_000;
const startMs = 60_000;

function cacheFolder(): string {
  return process.env['WHISPER_TEST_CACHE'] ?? fileURLToPath(new URL('../../../.cache', import.meta.url));
}

/**
 * The folder in which node-llama-cpp is installed, put there the first time. Without its install scripts and its
 * optional packages: those would compile llama.cpp, or fetch 700 MB of GPU code.
 */
export function llamaFolder(): string | { readonly missing: string } {
  const platform = platformPackages[`${process.platform}-${process.arch}`];
  if (platform === undefined) return { missing: `no prebuilt engine for ${process.platform}-${process.arch}` };
  const folder = join(cacheFolder(), `node-llama-cpp-${version}`);
  const marker = join(folder, 'complete');
  if (existsSync(marker)) return folder;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
    install(folder, ['--omit=optional', `node-llama-cpp@${version}`]);
    install(folder, ['--no-save', `${platform}@${version}`]);
    writeFileSync(marker, '');
    return folder;
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
  const model = join(cacheFolder(), 'tiny.gguf');
  writeFileSync(model, tinyGguf());
  const child = fork(fileURLToPath(new URL('./llama-face.js', import.meta.url)), [folder, model], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [message] = (await once(child, 'message', { signal: AbortSignal.timeout(startMs) })) as [{ port: number }];
  return {
    url: `http://127.0.0.1:${message.port}/v1`,
    stop: async () => {
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
