import type { BenchRow } from './bench-row.js';

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

/** Prints the figures of one bench as a table. */
export function printRows(name: string, rows: readonly BenchRow[]): void {
  console.log(`\n${rows[0]?.bench ?? name}`);
  console.log(
    `${'measure'.padEnd(40)}  ${'ours'.padStart(14)}  ${'baseline'.padStart(14)}  ${'ratio'.padStart(8)}  goal`,
  );
  for (const row of rows) console.log(line(row));
}
