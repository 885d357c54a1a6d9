/** Sums of a group of calls, with histograms of their durations. */
export interface RawFigures {
  readonly requests: number;
  readonly messages: number;
  readonly activePeople: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costMicroUsd: number;
  readonly errors: number;
  readonly aborted: number;
  readonly firstToken: Histogram;
  readonly total: Histogram;
  readonly thumbsUp: number;
  readonly thumbsDown: number;
}

/** Number of durations by bucket. */
export type Histogram = ReadonlyMap<number, number>;

/** Growth from one bucket to the next: a percentile is at most 4.9 % off, and histograms of hours add up. */
const growth = 1.1;

/** The bucket of a duration; what is below 1 ms counts as 1 ms. */
export function bucketOf(ms: number): number {
  return Math.floor(Math.log(Math.max(ms, 1)) / Math.log(growth));
}

/** The middle of a bucket (geometric), in ms. */
export function bucketMs(bucket: number): number {
  return Math.round(growth ** (bucket + 0.5) * 10) / 10;
}

/** The duration that a share of all stays within, or null without a sample. */
export function percentile(histogram: Histogram, share: number): number | null {
  const buckets = [...histogram].sort(([one], [other]) => one - other);
  const count = buckets.reduce((sum, [, n]) => sum + n, 0);
  if (count === 0) return null;
  const rank = Math.max(1, Math.ceil(share * count));
  let seen = 0;
  for (const [bucket, n] of buckets) {
    seen += n;
    if (seen >= rank) return bucketMs(bucket);
  }
  return null;
}

interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** The three percentiles of a report. */
export function percentiles(histogram: Histogram): Percentiles {
  return { p50: percentile(histogram, 0.5), p95: percentile(histogram, 0.95), p99: percentile(histogram, 0.99) };
}

/** A group in which nothing happened. */
export const noFigures: RawFigures = {
  requests: 0,
  messages: 0,
  activePeople: 0,
  promptTokens: 0,
  completionTokens: 0,
  costMicroUsd: 0,
  errors: 0,
  aborted: 0,
  firstToken: new Map(),
  total: new Map(),
  thumbsUp: 0,
  thumbsDown: 0,
};
