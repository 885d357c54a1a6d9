import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

/** A TCP relay that loses connections when it is told to. */
export interface CuttableProxy {
  readonly port: number;
  /** Cuts every connection; new ones are taken. */
  cut(): void;
  /** Connections of this moment stay open and carry nothing any more, as behind a router that died. New ones are taken. */
  freeze(): void;
  /** While off, there is no line at all. */
  setOn(on: boolean): void;
  /** While blocked, WebSockets are refused as a strict company proxy does, and everything else passes. */
  blockSockets(blocked: boolean): void;
  close(): Promise<void>;
}

const refusal = 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n';

/** Starts one on a free port of loopback, in front of `target`. */
export async function startCuttableProxy(target: number): Promise<CuttableProxy> {
  const open = new Set<Socket>();
  let isOn = true;
  let areBlocked = false;
  const keep = (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
  };
  const relay = (near: Socket, first: Buffer) => {
    if (areBlocked && first.toString('latin1', 0, 8) === 'GET /rt ') return void near.end(refusal);
    const far = connect(target, '127.0.0.1');
    keep(far);
    far.on('close', () => near.destroy());
    near.on('close', () => far.destroy());
    far.write(first);
    near.pipe(far);
    far.pipe(near);
  };
  const server = createServer((near) => {
    if (!isOn) return void near.destroy();
    keep(near);
    near.once('data', (first: Buffer) => {
      near.pause();
      relay(near, first);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    freeze() {
      for (const socket of open) socket.unpipe().pause();
    },
    setOn(on) {
      isOn = on;
      if (!on) cut();
    },
    blockSockets(blocked) {
      areBlocked = blocked;
    },
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
