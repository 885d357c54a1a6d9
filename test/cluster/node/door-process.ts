import { connect, createServer } from 'node:net';

// Doors of the node's network: each socket file, which the machine outside can open, leads to a port inside.
for (const door of process.argv.slice(2)) {
  const [file = '', host = '', port = ''] = door.split(',');
  createServer((outer) => {
    const inner = connect(Number(port), host);
    outer.pipe(inner).pipe(outer);
    for (const [end, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      end.on('error', () => other.destroy());
      end.on('close', () => other.destroy());
    }
  }).listen(file);
}
