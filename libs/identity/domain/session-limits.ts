import type { SessionLimitProfile } from '#libs/tenancy/domain/tenant.js';

/** How long a session lasts at all, and how long without a request, in ms. */
interface SessionLimit {
  readonly absoluteMs: number;
  readonly idleMs: number;
}

/** Of one organisation, at each face. */
export interface SessionLimits {
  readonly chat: SessionLimit;
  readonly admin: SessionLimit;
}

/** Where nobody says anything. The admin pages can do more harm. */
export const usualSessionLimits: { readonly [Limit in keyof SessionLimitProfile]: number } = {
  idleMinutes: 7 * 24 * 60,
  absoluteHours: 30 * 24,
  adminIdleMinutes: 120,
  adminAbsoluteHours: 12,
};

const minute = 60_000;

/** The limits in force. A session cannot idle past its end, whoever has set the two. */
export function sessionLimitsOf(profile: SessionLimitProfile): SessionLimits {
  const limit = (idle: 'idleMinutes' | 'adminIdleMinutes', absolute: 'absoluteHours' | 'adminAbsoluteHours') => {
    const absoluteMs = (profile[absolute] ?? usualSessionLimits[absolute]) * 60 * minute;
    return { absoluteMs, idleMs: Math.min((profile[idle] ?? usualSessionLimits[idle]) * minute, absoluteMs) };
  };
  return { chat: limit('idleMinutes', 'absoluteHours'), admin: limit('adminIdleMinutes', 'adminAbsoluteHours') };
}
