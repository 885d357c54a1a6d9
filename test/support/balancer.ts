import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Spreads connections over several ports in turn, as a Service spreads them over its pods. */
export async function startBalancer(
  targets: readonly number[],
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const open = new Set<Socket>();
  let taken = 0;
  const keep = (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
  };
  const server = createServer((near) => {
    const far = connect(targets[taken++ % targets.length] ?? 0, '127.0.0.1');
    keep(near);
    keep(far);
    far.on('close', () => near.destroy());
    near.on('close', () => far.destroy());
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
