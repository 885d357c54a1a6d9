import type { z } from 'zod';
import type { changeKey, KeyView } from '#libs/contracts/admin-api.js';
import { longestKeyDays } from '#libs/contracts/key-limits.js';
import { limitNames, type TypedLimits, typedLimits } from './limit-fields.js';

/** A key as it stands in the form. */
export interface KeyDraft {
  readonly name: string;
  readonly limits: TypedLimits;
  /** The last day it works, in the calendar of whoever reads; empty: no end. */
  readonly lastDay: string;
}

type KeyChange = z.input<typeof changeKey.body>;

/** One thing that the draft makes another; null: there is none. */
export interface Difference {
  readonly field: 'name' | 'expires' | `limit.${(typeof limitNames)[number]}`;
  readonly before: string | null;
  readonly after: string | null;
}

export function draftOf({ name, limits, expiresAt }: KeyView): KeyDraft {
  return { name, limits: typedLimits(limits), lastDay: expiresAt === null ? '' : dayOf(new Date(expiresAt)) };
}

/** What the draft changes; what is as before is left out. */
export function changeOf(key: KeyView, draft: KeyDraft): KeyChange {
  const before = draftOf(key);
  const name = draft.name.trim();
  const limits = limitNames.filter((limit) => draft.limits[limit] !== before.limits[limit]);
  return {
    ...(name === before.name ? {} : { name }),
    ...(limits.length === 0 ? {} : { limits: Object.fromEntries(limits.map((one) => [one, limitOf(draft, one)])) }),
    ...(draft.lastDay === before.lastDay ? {} : { expiresAt: endOf(draft.lastDay) }),
  };
}

/** The same, for people: old and new. */
export function differences(key: KeyView, draft: KeyDraft): readonly Difference[] {
  const change = changeOf(key, draft);
  return [
    ...(change.name === undefined ? [] : [{ field: 'name', before: key.name, after: change.name } as const]),
    ...Object.entries(change.limits ?? {}).map(([name, after]) => {
      const limit = limitNames.find((one) => one === name) ?? 'rpm';
      return { field: `limit.${limit}`, before: textOf(key.limits?.[limit]), after: textOf(after) } as const;
    }),
    ...(change.expiresAt === undefined
      ? []
      : [{ field: 'expires', before: key.expiresAt, after: change.expiresAt } as const]),
  ];
}

/** The first and the last day that can be chosen. */
export function daysAhead(now: Date): { readonly min: string; readonly max: string } {
  const last = new Date(now);
  // A key ends with its last day, which has to be over before the longest life is.
  last.setDate(last.getDate() + longestKeyDays - 1);
  return { min: dayOf(now), max: dayOf(last) };
}

function limitOf({ limits }: KeyDraft, name: (typeof limitNames)[number]): number | null {
  return limits[name].trim() === '' ? null : Number(limits[name]);
}

function textOf(limit: number | null | undefined): string | null {
  return limit === null || limit === undefined ? null : String(limit);
}

/** The calendar day as date fields write it. */
function dayOf(time: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

function endOf(day: string): string | null {
  return day === '' ? null : new Date(`${day}T23:59:59`).toISOString();
}
