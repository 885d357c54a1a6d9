import { z } from 'zod';
import { celRules } from './manifest-parts.js';

/** Below five minutes somebody who reads would be signed out; nobody is kept signed in for longer than a year. */
const idleMinutes = z.int().min(5).max(129_600);
const absoluteHours = z.int().min(1).max(8_760);
const adminIdleMinutes = z.int().min(5).max(10_080);
const adminAbsoluteHours = z.int().min(1).max(720);

/** The four limits, for whoever describes them in another form. */
export const sessionLimitFields = { idleMinutes, absoluteHours, adminIdleMinutes, adminAbsoluteHours };

const idleRule = 'idleMinutes must be shorter than absoluteHours';
const adminIdleRule = 'adminIdleMinutes must be shorter than adminAbsoluteHours';

/** When people have to sign in again. A limit that is left out may be set on the admin page. */
export const SessionLimitSettings = z
  .strictObject({
    idleMinutes: idleMinutes.optional().describe('Minutes without use that end a session of the chat. Default: 10080.'),
    absoluteHours: absoluteHours.optional().describe('Hours after which a session of the chat ends. Default: 720.'),
    adminIdleMinutes: adminIdleMinutes
      .optional()
      .describe('Minutes without use that end a session of the admin pages. Default: 120.'),
    adminAbsoluteHours: adminAbsoluteHours
      .optional()
      .describe('Hours after which a session of the admin pages ends. Default: 12.'),
  })
  .refine((limits) => endsIdleFirst(limits.idleMinutes, limits.absoluteHours), {
    path: ['idleMinutes'],
    message: idleRule,
  })
  .refine((limits) => endsIdleFirst(limits.adminIdleMinutes, limits.adminAbsoluteHours), {
    path: ['adminIdleMinutes'],
    message: adminIdleRule,
  })
  .meta(
    celRules(
      {
        rule: '!has(self.idleMinutes) || !has(self.absoluteHours) || self.idleMinutes < self.absoluteHours * 60',
        message: idleRule,
      },
      {
        rule: '!has(self.adminIdleMinutes) || !has(self.adminAbsoluteHours) || self.adminIdleMinutes < self.adminAbsoluteHours * 60',
        message: adminIdleRule,
      },
    ),
  );
export type SessionLimitSettings = z.infer<typeof SessionLimitSettings>;

/** Whether the one is shorter than the other, where both are said. */
export function endsIdleFirst(idle: number | null | undefined, absolute: number | null | undefined): boolean {
  return idle === null || idle === undefined || absolute === null || absolute === undefined || idle < absolute * 60;
}
