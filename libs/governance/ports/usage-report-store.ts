import type { UsageCuts } from '../domain/usage-period.js';
import type { RawFigures } from '../domain/usage-figures.js';

/** Figures of a group: null stands for all days or all models. */
export interface GroupedFigures {
  /** Index of the stretch in the period. */
  readonly stretch: number | null;
  readonly model: string | null;
  readonly figures: RawFigures;
}

export interface PersonUsage {
  readonly personId: string | null;
  readonly name: string | null;
  readonly email: string | null;
  readonly requests: number;
  readonly tokens: number;
  readonly costMicroUsd: number;
}

export interface ErrorUsage {
  readonly code: string;
  readonly model: string;
  readonly count: number;
  readonly lastAt: Date;
}

/** By what figures are grouped: the whole, each stretch and each model; or each stretch with each model. */
export type Grouping = 'report' | 'stretch-and-model';

/**
 * Reads and keeps up the rollups of one tenant's usage. Bound to it and to one transaction.
 * Reports are exact at every moment: hours without an up-to-date rollup are read from the events themselves.
 */
export abstract class UsageReportStore {
  abstract figures(cuts: UsageCuts, grouping: Grouping): Promise<readonly GroupedFigures[]>;
  /** By cost, highest first. */
  abstract people(cuts: UsageCuts, limit: number): Promise<readonly PersonUsage[]>;
  /** By count, highest first. */
  abstract errors(cuts: UsageCuts, limit: number): Promise<readonly ErrorUsage[]>;
  /** Spent in the UTC month `2026-11-01`. */
  abstract spentMicroUsd(month: string): Promise<number>;
  /**
   * Recomputes at most `limit` out-of-date hours that ended by `before`; returns how many.
   * Writers of usage wait for it, so that no event is missed.
   */
  abstract rollUp(before: Date, limit: number): Promise<number>;
}
