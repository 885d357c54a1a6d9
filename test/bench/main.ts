// npm run bench [-- <name>…]: measures, and prints a table. Figures are ratios against a baseline of the same run.
import type { BenchRow } from './bench-row.js';
import { benchBundles } from './bundles.js';
import { benchFootprint } from './footprint.js';
import { benchKill } from './kill.js';
import { benchPage } from './page.js';
import { benchPrelude } from './prelude.js';
import { printRows } from './print-rows.js';
import { benchRouter } from './router.js';
import { benchSignIn } from './sign-in.js';
import { benchSockets } from './sockets.js';

const benches: ReadonlyMap<string, () => Promise<BenchRow[]>> = new Map([
  ['bundles', benchBundles],
  ['footprint', benchFootprint],
  ['page', benchPage],
  ['kill', benchKill],
  ['prelude', benchPrelude],
  ['sockets', benchSockets],
  ['router', benchRouter],
  ['sign-in', benchSignIn],
]);

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !benches.has(name));
if (unknown.length > 0)
  throw new Error(`no bench "${unknown.join(', ')}"; there are: ${[...benches.keys()].join(', ')}`);
for (const [name, bench] of benches) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const rows = await bench();
  printRows(name, rows);
}
