import type { RateLimits } from '#libs/tenancy/domain/tenant.js';
import type { ApiKey } from './api-key.js';

/** What becomes another of a key; what is left out stays. */
export interface KeyChange {
  readonly name?: string | undefined;
  /** Null in place of a number takes that limit away, null as a whole all of them. */
  readonly limits?: LimitsChange | null | undefined;
  /** Null: no end. */
  readonly expiresAt?: Date | null | undefined;
}

type LimitsChange = { readonly [Name in keyof RateLimits]?: RateLimits[Name] | undefined };

const limitNames = ['rpm', 'tpm', 'concurrent'] as const;
const noLimits: RateLimits = { rpm: null, tpm: null, concurrent: null };

/** The key after the change; its scopes, its secret and who made it stay. */
export function changedKey(key: ApiKey, { name = key.name, limits, expiresAt = key.expiresAt }: KeyChange): ApiKey {
  return { ...key, name, limits: limitsAfter(key.limits, limits), expiresAt };
}

function limitsAfter(before: RateLimits | null, change: KeyChange['limits']): RateLimits | null {
  if (change === undefined) return before;
  if (change === null) return null;
  const { rpm, tpm, concurrent } = before ?? noLimits;
  const after = {
    rpm: change.rpm === undefined ? rpm : change.rpm,
    tpm: change.tpm === undefined ? tpm : change.tpm,
    concurrent: change.concurrent === undefined ? concurrent : change.concurrent,
  };
  return limitNames.every((limit) => after[limit] === null) ? null : after;
}

/** The fields that a change names. */
export function fieldsOfKeyChange(change: KeyChange): readonly string[] {
  return Object.entries(change).flatMap(([field, value]) => (value === undefined ? [] : [field]));
}

/** What differs, old and new, for the audit log; null: nothing. The name comes last: it is as long as people like. */
export function describeKeyChange(before: ApiKey, after: ApiKey): string | null {
  const changes = [
    ...limitNames.map((limit) => difference(limit, before.limits?.[limit] ?? null, after.limits?.[limit] ?? null)),
    difference('expiresAt', before.expiresAt?.toISOString() ?? null, after.expiresAt?.toISOString() ?? null),
    difference('name', JSON.stringify(before.name), JSON.stringify(after.name)),
  ];
  return changes.filter((change) => change !== null).join(', ') || null;
}

function difference(field: string, before: string | number | null, after: string | number | null): string | null {
  return before === after ? null : `${field} ${before ?? 'none'} to ${after ?? 'none'}`;
}
