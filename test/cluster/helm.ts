import { execFile } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Component } from '../support/components.js';
import { programPath } from '../support/redis-server.js';

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Where the tests keep the programs of a cluster once they are built. */
function built(): string | undefined {
  const cache =
    process.env['WHISPER_TEST_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'whisper');
  const assets = process.env['KUBEBUILDER_ASSETS'];
  const folders = [...(assets === undefined ? [] : [assets]), ...readFolders(cache)];
  return folders.map((folder) => join(folder, 'helm')).find(isProgram);
}

function readFolders(cache: string): readonly string[] {
  try {
    return readdirSync(cache)
      .filter((name) => name.startsWith('kubernetes-'))
      .sort()
      .map((name) => join(cache, name));
  } catch {
    return [];
  }
}

/** Helm 4, from the programs of the cluster tests or from PATH. */
export const helm: Component = {
  name: 'helm',
  find: () => built() ?? programPath('helm') ?? { missing: 'neither in the cache of the cluster tests nor on PATH' },
};

/** How Helm ended and what it said. */
export interface HelmAnswer {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

const answerBytes = 64 * 1024 * 1024;
const longestMs = 60_000;

/**
 * Runs Helm once. No shell is in between, so that no argument is ever more than an argument.
 * @param values given to `--values -`
 */
export function runHelm(program: string, args: readonly string[], values?: object): Promise<HelmAnswer> {
  const all = values === undefined ? args : [...args, '--values', '-'];
  return new Promise((resolve) => {
    const child = execFile(program, all, { maxBuffer: answerBytes, timeout: longestMs }, (error, stdout, stderr) =>
      resolve({ ok: error === null, stdout, stderr }),
    );
    child.stdin?.end(values === undefined ? '' : JSON.stringify(values));
  });
}
