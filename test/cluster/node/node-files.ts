import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { stringify } from 'yaml';
import { type Certificates, kubeconfigFor, type Leaf, makeCertificates } from '../certificates.js';
import { addresses, containerdSocket, nodeImages, nodePorts, type NodePlace } from './node-place.js';

/** Certificates that a control plane alone does not need. */
function nodeLeaves(name: string): readonly Leaf[] {
  const local = 'IP:127.0.0.1,DNS:localhost';
  return [
    {
      name: 'apiserver',
      subject: '/CN=kube-apiserver',
      addresses: `${local},IP:10.0.0.1,IP:${addresses.node},DNS:kubernetes.default.svc`,
    },
    { name: 'kubelet', subject: `/O=system:nodes/CN=system:node:${name}`, addresses: `${local},IP:${addresses.node}` },
    { name: 'kubelet-client', subject: '/O=system:masters/CN=kube-apiserver-kubelet-client' },
    { name: 'kube-proxy', subject: '/CN=system:kube-proxy' },
    { name: 'policy', subject: '/O=system:masters/CN=policy' },
  ];
}

const offPlugins = ['btrfs', 'zfs', 'aufs', 'devmapper'].map((name) => `"io.containerd.snapshotter.v1.${name}"`);

/** Settings of containerd 1.6. Without CAP_SYS_RESOURCE no sandbox starts unless the OOM score is left alone. */
function containerdSettings(place: NodePlace): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${place.path('containerd')}"
state = "/run/containerd/state"
disabled_plugins = [${offPlugins.join(', ')}]
[grpc]
address = "${containerdSocket}"
[${cri}]
sandbox_image = "${nodeImages.pause}"
restrict_oom_score_adj = true
disable_apparmor = true
[${cri}.cni]
bin_dir = "/usr/lib/cni"
conf_dir = "${place.path('cni')}"
[${cri}.containerd]
snapshotter = "overlayfs"
default_runtime_name = "runc"
[${cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[${cri}.containerd.runtimes.runc.options]
SystemdCgroup = false
`;
}

/** Each pod hangs on a cable of its own, so that all its traffic passes the node, where policies are enforced. */
const podNetwork = {
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'ptp',
      ipMasq: false,
      ipam: { type: 'host-local', ranges: [[{ subnet: addresses.pods }]], routes: [{ dst: '0.0.0.0/0' }] },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
};

function kubeletSettings(place: NodePlace, certificates: Certificates): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: addresses.node,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: certificates.path('ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: certificates.path('kubelet.crt'),
    tlsPrivateKeyFile: certificates.path('kubelet.key'),
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${place.name}`,
    failCgroupV1: false,
    failSwapOn: false,
    clusterDNS: [addresses.dns],
    clusterDomain: 'cluster.local',
    resolvConf: place.path('resolv.conf'),
    podLogsDir: place.path('pod-logs'),
    volumePluginDir: place.path('volume-plugins'),
    // An image that was imported cannot be pulled again.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '100Mi', 'imagefs.available': '100Mi' },
    serializeImagePulls: false,
    nodeStatusUpdateFrequency: '4s',
    syncFrequency: '10s',
  };
}

function proxySettings(place: NodePlace): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    hostnameOverride: place.name,
    clientConnection: { kubeconfig: place.path('kube-proxy.kubeconfig') },
    clusterCIDR: addresses.pods,
    detectLocalMode: 'ClusterCIDR',
    // These limits belong to the whole machine, not to this network.
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}

/** Writes everything that the programs of a node read, and makes its certificates. */
export function writeNodeFiles(place: NodePlace): Certificates {
  const certificates = makeCertificates(place.folder, nodeLeaves(place.name));
  const write = (name: string, text: string) => {
    mkdirSync(dirname(place.path(name)), { recursive: true });
    writeFileSync(place.path(name), text, { mode: 0o600 });
  };
  const server = `https://127.0.0.1:${nodePorts.apiserver}`;
  for (const name of ['admin', 'controller-manager', 'scheduler', 'kubelet', 'kube-proxy', 'policy'])
    write(`${name}.kubeconfig`, kubeconfigFor(certificates, server, name));
  for (const name of ['logs', 'pids', 'pod-logs', 'volume-plugins', 'home']) mkdirSync(place.path(name));
  write('containerd.toml', containerdSettings(place));
  write('cni/10-pods.conflist', JSON.stringify(podNetwork));
  write('kubelet.yaml', stringify(kubeletSettings(place, certificates)));
  write('kube-proxy.yaml', stringify(proxySettings(place)));
  write('resolv.conf', '');
  return certificates;
}
