import { kubernetesFolder } from '../cluster/tools/kubernetes-programs.js';
import type { Component } from './components.js';
import { llamaFolder } from './llama-engine.js';
import { programPath } from './redis-server.js';

function program(name: string): Component {
  return { name, find: () => programPath(name) ?? { missing: `no ${name} on PATH` } };
}

export const redisServer = program('redis-server');
export const chromium = program('chromium');

/** llama.cpp as Node binding, in the cache folder of the tests; fetched the first time it is needed. */
export const llama: Component = { name: 'llama', find: llamaFolder };

/** The programs of a real control plane, in one folder. `.ci/run` and `npm test` build them where Go is there. */
export const kubernetes: Component = { name: 'kubernetes', find: kubernetesFolder };
