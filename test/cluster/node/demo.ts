import { redisServer } from '../../support/component-list.js';
import type { Component } from '../../support/components.js';
import { buildKubernetes } from '../tools/kubernetes-programs.js';
import { buildNodePrograms } from '../tools/node-programs.js';
import { realNode } from './component.js';
import { demoText } from './demo-text.js';
import { openDoors } from './doors.js';
import { WholeCluster } from './whole-cluster.js';

// npm run demo:cluster: the whole product on one real node, until somebody stops it.
const usage = `Runs Whisper in a Kubernetes cluster of its own on this machine, until Ctrl-C.

npm run demo:cluster -- [--port <n>] [--idp-port <n>]

  --port <n>       port of the chats, on loopback (4780)
  --idp-port <n>   port of the identity provider, on loopback (9400)
`;

function portOf(option: string, otherwise: number): number {
  const at = process.argv.indexOf(option);
  const port = at === -1 ? otherwise : Number(process.argv[at + 1]);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  return end(`${option} needs a port number.`);
}

function end(words: string, code = 1): never {
  process.stderr.write(`demo: ${words}\n`);
  process.exit(code);
}

function found(component: Component): string {
  const place = component.find();
  return typeof place === 'string' ? place : end(`${component.name} is missing: ${place.missing}`);
}

if (process.argv.includes('--help')) {
  process.stdout.write(usage);
  process.exit(0);
}
const ports = { chat: portOf('--port', 4780), idp: portOf('--idp-port', 9400) };
const tell = (line: string) => process.stderr.write(`demo: ${line}\n`);
for (const build of [buildKubernetes, buildNodePrograms]) {
  const programs = await build(tell);
  if (typeof programs !== 'string') end(programs.missing);
}
found(realNode);
let signals = 0;
const stopped = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      signals += 1;
      // What a sudden end leaves behind, the next node removes.
      if (signals > 1) process.exit(130);
      resolve();
    });
});
tell('starting; this takes two minutes, and some more the first time');
let cluster: WholeCluster | null = null;
try {
  cluster = await WholeCluster.start(found(redisServer), tell, ports);
  await cluster.addIdentityProvider();
  const doors = await openDoors(cluster);
  process.stdout.write(await demoText(cluster, doors));
  await stopped;
  doors.close();
} catch (error) {
  process.exitCode = 1;
  tell(error instanceof Error ? error.message : String(error));
} finally {
  tell('stopping');
  await cluster?.stop();
}
process.exit();
