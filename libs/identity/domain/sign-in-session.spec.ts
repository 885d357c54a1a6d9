import { describe, expect, it } from '@jest/globals';
import { sessionId, userId } from '#libs/kernel/ids.js';
import { openSecurity } from '#libs/tenancy/domain/tenant.js';
import { sessionLimitsOf } from './session-limits.js';
import { isAlive, type SignInSession } from './sign-in-session.js';

const start = new Date('2026-03-01T00:00:00Z');
const after = (hours: number) => new Date(start.getTime() + hours * 3_600_000);

const session: SignInSession = {
  id: sessionId('01930000-0000-7000-8000-000000000001'),
  personId: userId('01930000-0000-7000-8000-000000000002'),
  face: 'admin',
  method: 'handover',
  proofs: [],
  device: 'browser',
  address: '127.0.0.1',
  createdAt: start,
  authenticatedAt: start,
  lastSeenAt: start,
  expiresAt: after(12),
  revokedAt: null,
  sso: null,
};

const usual = sessionLimitsOf(openSecurity.sessions);

describe('a session', () => {
  it.each([
    ['just made', {}, 0, true],
    ['within the idle limit', {}, 1.9, true],
    ['past the idle limit', {}, 2, false],
    ['seen lately', { lastSeenAt: after(11) }, 11.9, true],
    ['past its end although seen lately', { lastSeenAt: after(11.9) }, 12, false],
    ['revoked', { revokedAt: start }, 0, false],
    ['of the chat after a day', { face: 'chat', expiresAt: after(720) }, 24, true],
    ['of the chat idle for a week', { face: 'chat', expiresAt: after(720) }, 168, false],
  ] as const)('%s', (_case, change, hours, expected) => {
    expect(isAlive({ ...session, ...change }, usual, after(hours))).toBe(expected);
  });

  it.each([
    ['past a shorter idle limit', { adminIdleMinutes: 30 }, {}, 0.5, false],
    ['within it', { adminIdleMinutes: 30 }, {}, 0.4, true],
    ['past a shorter end', { adminAbsoluteHours: 1 }, { lastSeenAt: after(0.9) }, 1, false],
    [
      'past its own end where a longer one is set now',
      { adminAbsoluteHours: 48 },
      { lastSeenAt: after(11.9) },
      12,
      false,
    ],
    [
      'of the chat, which has limits of its own',
      { adminIdleMinutes: 5 },
      { face: 'chat', expiresAt: after(720) },
      1,
      true,
    ],
  ] as const)('open already, %s', (_case, set, change, hours, expected) => {
    const limits = sessionLimitsOf({ ...openSecurity.sessions, ...set });

    expect(isAlive({ ...session, ...change }, limits, after(hours))).toBe(expected);
  });

  it('cannot idle past its end', () => {
    const { chat } = sessionLimitsOf({ ...openSecurity.sessions, absoluteHours: 8 });

    expect(chat).toEqual({ absoluteMs: 8 * 3_600_000, idleMs: 8 * 3_600_000 });
  });
});
