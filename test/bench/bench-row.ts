/** One figure of a bench, beside its baseline of the same run where there is one. */
export interface BenchRow {
  readonly bench: string;
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: number | null;
  /** `value / baseline`. */
  readonly ratio: number | null;
  /** What we want it to be, in words. */
  readonly goal: string;
}

/** A row whose ratio is worked out. */
export function benchRow(row: Omit<BenchRow, 'ratio'>): BenchRow {
  return { ...row, ratio: row.baseline === null || row.baseline === 0 ? null : row.value / row.baseline };
}

/** The value below which `share` of the samples lie; NaN without a sample. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
