import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../../support/free-port.js';
import { until } from '../../support/until.js';
import { nodePorts } from './node-place.js';
import type { WholeCluster } from './whole-cluster.js';

/** Ways into a whole cluster from the machine it runs on. All listen on loopback. */
export interface Doors {
  /** A kubeconfig that works outside of the node's network. */
  readonly kubeconfig: string;
  close(): void;
}

const openMs = 20_000;

async function openDoor(port: number, file: string, sockets: Set<Socket>): Promise<Server> {
  const server = createServer((outer) => {
    const inner = connect(file);
    outer.pipe(inner).pipe(outer);
    for (const end of [outer, inner]) {
      sockets.add(end);
      end.on('error', () => undefined);
      end.on('close', () => {
        sockets.delete(end);
        outer.destroy();
        inner.destroy();
      });
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/**
 * Opens the chat and the identity provider at the ports that they have inside, so that their addresses hold outside,
 * and the API server at a free one. Rejects with EADDRINUSE where a port is taken.
 */
export async function openDoors(cluster: WholeCluster): Promise<Doors> {
  const { place } = cluster.node;
  const [idpFile, apiFile] = [place.path('idp.sock'), place.path('api.sock')];
  cluster.runScript('./door-process.js', [
    `${idpFile},127.0.0.1,${cluster.ports.idp}`,
    `${apiFile},127.0.0.1,${nodePorts.apiserver}`,
  ]);
  for (const file of [idpFile, apiFile, cluster.wayInSocket]) await until(() => existsSync(file), openMs);
  const apiPort = await freePort();
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  const close = () => {
    for (const server of servers) server.close();
    for (const socket of sockets) socket.destroy();
  };
  try {
    servers.push(await openDoor(cluster.ports.chat, cluster.wayInSocket, sockets));
    servers.push(await openDoor(cluster.ports.idp, idpFile, sockets));
    servers.push(await openDoor(apiPort, apiFile, sockets));
  } catch (error) {
    close();
    throw error;
  }
  const kubeconfig = place.path('outside.kubeconfig');
  const inside = readFileSync(place.kubeconfig, 'utf8');
  writeFileSync(kubeconfig, inside.replaceAll(`:${nodePorts.apiserver}`, `:${apiPort}`), { mode: 0o600 });
  return { kubeconfig, close };
}
