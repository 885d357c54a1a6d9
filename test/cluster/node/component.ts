import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Component } from '../../support/components.js';
import { programPath } from '../../support/redis-server.js';
import { kubernetesFolder } from '../tools/kubernetes-programs.js';
import { nodeFolder } from '../tools/node-programs.js';
import { buildahProgram } from './buildah.js';
import type { Programs } from './node-programs.js';

/** Programs of the machine, as Debian's packages name them. */
const programs = ['containerd', 'ctr', 'runc', 'nft', 'conntrack', 'ip', 'nsenter', 'unshare', 'mount', 'openssl'];
const plugins = ['ptp', 'host-local', 'portmap'];

function missing(): string | null {
  if (process.platform !== 'linux') return 'containers need Linux';
  const program = programs.find((name) => programPath(name) === null);
  if (program !== undefined) return `no ${program} on PATH`;
  const plugin = plugins.find((name) => !existsSync(join('/usr/lib/cni', name)));
  return plugin === undefined ? null : `no /usr/lib/cni/${plugin}`;
}

/** A real node: root, containerd with its network plug-ins, and the programs that are built here. Hands over nothing. */
export const realNode: Component = {
  name: 'real-node',
  find() {
    const buildah = buildahProgram.find();
    if (typeof buildah !== 'string') return buildah;
    const reason = missing();
    if (reason !== null) return { missing: reason };
    const kubernetes = kubernetesFolder();
    if (typeof kubernetes !== 'string') return kubernetes;
    if (!existsSync(join(kubernetes, 'kubelet'))) return { missing: `no kubelet in ${kubernetes}` };
    return nodeFolder();
  },
};

/** The folders of a node's programs. */
export function nodeProgramFolders(): Programs {
  const [kubernetes, node] = [kubernetesFolder(), nodeFolder()];
  if (typeof kubernetes === 'string' && typeof node === 'string') return { kubernetes, node };
  throw new Error('the programs of a node are not built');
}
