import type { Certificates } from './certificates.js';

/** Ports of one control plane, all on loopback. */
export interface Ports {
  readonly etcd: number;
  readonly peer: number;
  readonly apiserver: number;
  readonly controllerManager: number;
  readonly scheduler: number;
  readonly kwok: number;
}

interface Place {
  readonly certificates: Certificates;
  readonly ports: Ports;
  /** Everything that the programs write. */
  readonly folder: string;
}

const loopback = '127.0.0.1';

export function etcdFlags({ ports, folder }: Place): string[] {
  const client = `http://${loopback}:${ports.etcd}`;
  const peer = `http://${loopback}:${ports.peer}`;
  return [
    `--data-dir=${folder}/etcd`,
    '--name=node0',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=node0=${peer}`,
    // What a test wrote need not survive the machine.
    '--unsafe-no-fsync=true',
    '--auto-compaction-retention=1',
    '--log-level=error',
  ];
}

export function apiserverFlags({ certificates, ports, folder }: Place, isAudited: boolean): string[] {
  const { path } = certificates;
  const audit = [`--audit-policy-file=${folder}/audit-policy.yaml`, `--audit-log-path=${folder}/audit.log`];
  return [
    `--etcd-servers=http://${loopback}:${ports.etcd}`,
    `--bind-address=${loopback}`,
    `--advertise-address=${loopback}`,
    `--secure-port=${ports.apiserver}`,
    `--tls-cert-file=${path('apiserver.crt')}`,
    `--tls-private-key-file=${path('apiserver.key')}`,
    `--client-ca-file=${path('ca.crt')}`,
    // 65,000 Services: a /24 holds 254.
    '--service-cluster-ip-range=10.0.0.0/16',
    '--authorization-mode=Node,RBAC',
    '--allow-privileged=true',
    '--endpoint-reconciler-type=none',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${path('service-account.pub')}`,
    `--service-account-signing-key-file=${path('service-account.key')}`,
    `--proxy-client-cert-file=${path('front-proxy.crt')}`,
    `--proxy-client-key-file=${path('front-proxy.key')}`,
    `--requestheader-client-ca-file=${path('ca.crt')}`,
    '--requestheader-allowed-names=front-proxy',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    // As OpenShift does: who names an owner that blocks a deletion must be allowed to say so.
    '--enable-admission-plugins=OwnerReferencesPermissionEnforcement',
    ...(isAudited ? audit : []),
  ];
}

function controllerFlags({ folder }: Place, name: string, port: number): string[] {
  const kubeconfig = `${folder}/${name}.kubeconfig`;
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    `--bind-address=${loopback}`,
    `--secure-port=${port}`,
    `--cert-dir=${folder}/${name}-certificates`,
    '--leader-elect=false',
    '--kube-api-qps=5000',
    '--kube-api-burst=10000',
  ];
}

export function controllerManagerFlags(place: Place, autoscalerSeconds: number): string[] {
  const { path } = place.certificates;
  return [
    ...controllerFlags(place, 'controller-manager', place.ports.controllerManager),
    // kwok is late with its heartbeats after an API server was away and, unlike a kubelet, says once only that a pod is
    // ready: a node that counted as lost would keep its pods down for good.
    '--node-monitor-grace-period=10m',
    `--root-ca-file=${path('ca.crt')}`,
    `--service-account-private-key-file=${path('service-account.key')}`,
    '--use-service-account-credentials=true',
    `--horizontal-pod-autoscaler-sync-period=${autoscalerSeconds}s`,
    // One that does not hesitate: a test cannot wait for minutes.
    '--horizontal-pod-autoscaler-initial-readiness-delay=0s',
    '--horizontal-pod-autoscaler-cpu-initialization-period=0s',
    '--horizontal-pod-autoscaler-downscale-stabilization=1s',
  ];
}

export function schedulerFlags(place: Place): string[] {
  return controllerFlags(place, 'scheduler', place.ports.scheduler);
}

export function kwokFlags({ certificates, ports, folder }: Place, stages: string): string[] {
  return [
    `--kubeconfig=${folder}/kwok.kubeconfig`,
    `--config=${stages}`,
    '--manage-all-nodes=true',
    `--node-ip=${loopback}`,
    '--node-name=localhost',
    `--node-port=${ports.kwok}`,
    `--server-address=${loopback}:${ports.kwok}`,
    `--tls-cert-file=${certificates.path('kwok.crt')}`,
    `--tls-private-key-file=${certificates.path('kwok.key')}`,
    '--node-lease-duration-seconds=40',
  ];
}
