import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Component } from '../support/components.js';
import { programPath } from '../support/redis-server.js';
import { kubernetesFolder } from './tools/kubernetes-programs.js';

/** Helm 4, from the programs of the cluster tests, else from PATH. */
export const helm: Component = {
  name: 'helm',
  find() {
    const folder = kubernetesFolder();
    return typeof folder === 'string' ? join(folder, 'helm') : (programPath('helm') ?? folder);
  },
};

/** How Helm ended and what it said. */
export interface HelmAnswer {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

const answerBytes = 64 * 1024 * 1024;
const longestMs = 120_000;

interface HelmOptions {
  /** Given to `--values -`. */
  readonly values?: object;
  /** Cluster to talk to; left out: none. */
  readonly kubeconfig?: string;
}

/**
 * Runs Helm once. No shell is in between, so that no argument is ever more than an argument.
 */
export function runHelm(program: string, args: readonly string[], options: HelmOptions = {}): Promise<HelmAnswer> {
  const { values, kubeconfig } = options;
  const all = values === undefined ? args : [...args, '--values', '-'];
  const env = { ...process.env, KUBECONFIG: kubeconfig ?? '/dev/null' };
  return new Promise((resolve) => {
    const child = execFile(program, all, { env, maxBuffer: answerBytes, timeout: longestMs }, (error, stdout, stderr) =>
      resolve({ ok: error === null, stdout, stderr }),
    );
    child.stdin?.end(values === undefined ? '' : JSON.stringify(values));
  });
}
