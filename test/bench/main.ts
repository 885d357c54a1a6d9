// npm run bench [-- <name>…]: measures, and prints a table. Figures are ratios against a baseline of the same run.
import type { BenchRow } from './bench-row.js';
import { benchBundles } from './bundles.js';
import { benchFootprint } from './footprint.js';
import { benchKill } from './kill.js';
import { benchPage } from './page.js';
import { benchPrelude } from './prelude.js';
import { benchRouter } from './router.js';
import { benchSockets } from './sockets.js';

const benches: ReadonlyMap<string, () => Promise<BenchRow[]>> = new Map([
  ['bundles', benchBundles],
  ['footprint', benchFootprint],
  ['page', benchPage],
  ['kill', benchKill],
  ['prelude', benchPrelude],
  ['sockets', benchSockets],
  ['router', benchRouter],
]);

function line({ measure, value, unit, baseline, ratio, goal }: BenchRow): string {
  const cells = [
    measure.padEnd(40),
    `${value.toFixed(1)} ${unit}`.padStart(14),
    (baseline === null ? '' : `${baseline.toFixed(1)} ${unit}`).padStart(14),
    (ratio === null ? '' : `${ratio.toFixed(2)}x`).padStart(8),
    goal,
  ];
  return cells.join('  ');
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !benches.has(name));
if (unknown.length > 0)
  throw new Error(`no bench "${unknown.join(', ')}"; there are: ${[...benches.keys()].join(', ')}`);
for (const [name, bench] of benches) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const rows = await bench();
  console.log(`\n${rows[0]?.bench ?? name}`);
  console.log(
    `${'measure'.padEnd(40)}  ${'ours'.padStart(14)}  ${'baseline'.padStart(14)}  ${'ratio'.padStart(8)}  goal`,
  );
  for (const row of rows) console.log(line(row));
}
