import { join } from 'node:path';
import type { Ports } from '../program-flags.js';

/** Addresses inside the network of a node. Nothing of it is seen outside, so they are the same for every node. */
export const addresses = {
  node: '172.30.255.2',
  nodePrefix: 24,
  pods: '10.244.0.0/24',
  services: '10.0.0.0/16',
  dns: '10.0.0.10',
} as const;

/** Ports inside that network. */
export const nodePorts: Ports = {
  etcd: 2379,
  peer: 2380,
  apiserver: 6443,
  controllerManager: 10257,
  scheduler: 10259,
  kwok: 0,
};

/** Folders of the root file system that the node's programs insist on; the node sees empty ones of its own. */
export const hiddenFolders = [
  '/run/netns',
  '/run/containerd',
  '/var/lib/cni',
  '/var/lib/kubelet',
  '/var/log/containers',
  '/var/log/pods',
];

/** Socket of containerd, as the node sees it. */
export const containerdSocket = '/run/containerd/containerd.sock';

/** Images that the node itself is made of. */
export const nodeImages = { pause: 'localhost/whisper-pause:1', dns: 'localhost/whisper-dns:1' } as const;

/** Where one node keeps its things. */
export class NodePlace {
  constructor(
    /** Names the network namespace, the cgroups and the Node object. */
    readonly name: string,
    readonly folder: string,
  ) {}

  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }

  get network(): string {
    return `/run/netns/${this.name}`;
  }

  get kubeconfig(): string {
    return this.path('admin.kubeconfig');
  }

  log(program: string): string {
    return this.path('logs', `${program}.log`);
  }

  pidFile(program: string): string {
    return this.path('pids', program);
  }
}
