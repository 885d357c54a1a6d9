import { renameSync, writeFileSync } from 'node:fs';
import { ControlPlane } from './control-plane.js';

/** How often it looks whether the test run it serves is still there. */
const pollMs = 1000;

// Keeps one control plane for a whole test run, in a process of its own: a worker of the run may end at any time.
const [programs = '', file = '', owner = ''] = process.argv.slice(2);
const plane = await ControlPlane.start({ programs, isAudited: true });
const { server, kubeconfig, folder } = plane;
writeFileSync(`${file}.new`, JSON.stringify({ server, kubeconfig, folder, programs, pid: process.pid }));
renameSync(`${file}.new`, file);

const end = () => void plane.stop().then(() => process.exit(0));
process.once('SIGTERM', end);
const timer = setInterval(() => {
  try {
    process.kill(Number(owner), 0);
  } catch {
    clearInterval(timer);
    end();
  }
}, pollMs);
