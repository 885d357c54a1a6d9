import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../tools/folder-lock.js';
import { addresses, type NodePlace } from './node-place.js';

const cgroups = '/sys/fs/cgroup';
const prefix = 'whisper-node-';

/** What kubelet sets for the whole machine. */
const changedSettings = [
  'vm/overcommit_memory',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
];

/** A name that tells whose node it is. */
export function nodeName(): string {
  return `${prefix}${process.pid}`;
}

/** One folder per hierarchy where the kernel has several, as version 1 does; else one. */
function cgroupFolders(): string[] {
  if (existsSync(join(cgroups, 'cgroup.controllers'))) return [cgroups];
  return readdirSync(cgroups)
    .map((name) => join(cgroups, name))
    .filter((folder) => existsSync(join(folder, 'cgroup.procs')));
}

function makeCgroups(name: string): void {
  for (const parent of cgroupFolders()) {
    const folder = join(parent, name);
    mkdirSync(folder, { recursive: true });
    // An empty set of processors lets no process in.
    for (const file of ['cpuset.cpus', 'cpuset.mems'])
      if (parent.endsWith('cpuset')) writeFileSync(join(folder, file), readFileSync(join(parent, file)));
  }
}

/** Only folders are removed: what else is in a cgroup goes with it. */
function removeTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeTree(join(folder, entry.name));
  rmdirSync(folder);
}

function removeCgroups(name: string): void {
  for (const parent of cgroupFolders()) {
    try {
      removeTree(join(parent, name));
    } catch {
      // It is not there, or a process of it is still ending: an empty one does no harm, and the next start tries again.
    }
  }
}

const ip = (...args: readonly string[]) => execFileSync('ip', args, { stdio: 'pipe' });

/** A network without a way out: loopback, and one bridge that carries the node's address. */
function makeNetwork({ name, network }: NodePlace): void {
  ip('netns', 'add', name);
  const inside = (...args: readonly string[]) => ip('-netns', name, ...args);
  inside('link', 'set', 'lo', 'up');
  inside('link', 'add', 'node0', 'type', 'bridge');
  inside('address', 'add', `${addresses.node}/${addresses.nodePrefix}`, 'dev', 'node0');
  inside('link', 'set', 'node0', 'up');
  // So that the node itself can call the address of a Service.
  inside('route', 'add', addresses.services, 'dev', 'node0');
  execFileSync('nsenter', [`--net=${network}`, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
}

function removeNetwork(name: string): void {
  try {
    ip('netns', 'delete', name);
  } catch {
    // It is not there.
  }
}

/** Removes what nodes of processes that are gone have left. */
function sweep(): void {
  const found = new Set(cgroupFolders().flatMap((folder) => readdirSync(folder)));
  if (existsSync('/run/netns')) for (const name of readdirSync('/run/netns')) found.add(name);
  for (const name of found) {
    if (!name.startsWith(prefix) || isAlive(Number(name.slice(prefix.length)))) continue;
    removeNetwork(name);
    removeCgroups(name);
  }
}

/** Readies the machine for a node. @returns what undoes it, once the node's processes have ended */
export function prepareMachine(place: NodePlace): () => void {
  sweep();
  const before = changedSettings.map((name) => [`/proc/sys/${name}`, readFileSync(`/proc/sys/${name}`)] as const);
  makeNetwork(place);
  makeCgroups(place.name);
  return () => {
    removeNetwork(place.name);
    removeCgroups(place.name);
    for (const [file, value] of before) writeFileSync(file, value);
  };
}
