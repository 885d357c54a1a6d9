import { join } from 'node:path';
import type { Certificates } from '../certificates.js';
import { apiserverFlags, controllerManagerFlags, etcdFlags, schedulerFlags } from '../program-flags.js';
import { addresses, hiddenFolders, nodePorts, type NodePlace } from './node-place.js';

/** Folders of the programs: Kubernetes' own, and those beside it. */
export interface Programs {
  readonly kubernetes: string;
  readonly node: string;
}

/** Names of the programs that a node keeps running, in the order in which they are started. */
export const nodeProgramNames = [
  'etcd',
  'kube-apiserver',
  'containerd',
  'kubelet',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'policy',
] as const;

export type NodeProgram = (typeof nodeProgramNames)[number];

/** The API server of a control plane, reached by pods and able to reach the kubelet. The last of equal flags holds. */
function apiserver(certificates: Certificates, folder: string): string[] {
  return [
    ...apiserverFlags({ certificates, ports: nodePorts, folder }, false),
    '--bind-address=0.0.0.0',
    `--advertise-address=${addresses.node}`,
    '--endpoint-reconciler-type=lease',
    '--enable-admission-plugins=NodeRestriction',
    `--kubelet-client-certificate=${certificates.path('kubelet-client.crt')}`,
    `--kubelet-client-key=${certificates.path('kubelet-client.key')}`,
    `--kubelet-certificate-authority=${certificates.path('ca.crt')}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--enable-aggregator-routing=true',
  ];
}

function kubelet(place: NodePlace): string[] {
  return [
    `--config=${place.path('kubelet.yaml')}`,
    `--kubeconfig=${place.path('kubelet.kubeconfig')}`,
    `--root-dir=${place.path('kubelet')}`,
    `--cert-dir=${place.path('kubelet-certificates')}`,
    `--hostname-override=${place.name}`,
    `--node-ip=${addresses.node}`,
  ];
}

/** Program and flags of each. */
export function nodeCommands(
  place: NodePlace,
  certificates: Certificates,
  { kubernetes, node }: Programs,
): Readonly<Record<NodeProgram, readonly string[]>> {
  const control = { certificates, ports: nodePorts, folder: place.folder };
  // As often as a test can wait for.
  const autoscalerSeconds = 1;
  const named = (name: string) => join(kubernetes, name);
  return {
    etcd: [named('etcd'), ...etcdFlags(control)],
    'kube-apiserver': [named('kube-apiserver'), ...apiserver(certificates, place.folder)],
    containerd: ['containerd', '--config', place.path('containerd.toml')],
    kubelet: [named('kubelet'), ...kubelet(place)],
    'kube-controller-manager': [
      named('kube-controller-manager'),
      ...controllerManagerFlags(control, autoscalerSeconds),
      // Here pods are really started, and that is not work.
      '--horizontal-pod-autoscaler-cpu-initialization-period=60s',
    ],
    'kube-scheduler': [named('kube-scheduler'), ...schedulerFlags(control)],
    'kube-proxy': [named('kube-proxy'), `--config=${place.path('kube-proxy.yaml')}`],
    policy: [join(node, 'policy'), `--kubeconfig=${place.path('policy.kubeconfig')}`],
  };
}

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * The script that is process 1 of the node: it hides the folders of the machine's own containers, keeps every program
 * running, and ends, with everything inside, once its standard input does.
 */
export function initScript(place: NodePlace, commands: Readonly<Record<NodeProgram, readonly string[]>>): string {
  const hide = hiddenFolders.map((folder) => `mkdir -p ${folder} && mount -t tmpfs tmpfs ${folder}`);
  const keep = nodeProgramNames.map((name) => `keep ${name} ${commands[name].map(quote).join(' ')}`);
  return `set -u
cd ${quote(place.folder)}
mount --make-rprivate / && mount --make-rshared / && mount -t proc proc /proc
${hide.join('\n')}
keep() {
  local name=$1
  shift
  (
    while :; do
      "$@" </dev/null >>logs/$name.log 2>&1 &
      echo $! >pids/$name
      wait $!
      sleep 0.3
    done
  ) </dev/null &
}
${keep.join('\n')}
while read -r _; do :; done
`;
}
