import { AppError } from '#libs/kernel/errors.js';
import type { FactorWay } from './proof.js';
import type { SessionIdentity } from './caller-identity.js';

/** How somebody who is signed in can prove anew who they are. */
export type ConfirmWay = FactorWay | 'password' | 'provider';

/** How long a proof is enough for what is dangerous, in ms: one sitting of settings, not a forgotten screen. */
export const freshMs = 5 * 60_000;

/** Whether the person has proven lately who they are. */
export function isFresh({ authenticatedAt }: Pick<SessionIdentity, 'authenticatedAt'>, now: Date): boolean {
  return now.getTime() - authenticatedAt.getTime() < freshMs;
}

/** @param ways those that this person has; none for somebody who came by a link and has set nothing up */
export function stepUpRequired(ways: readonly ConfirmWay[]): AppError {
  return new AppError('step_up_required', 'This takes a new proof of who you are.', {
    ways,
    ...(ways.length > 0
      ? {}
      : { action: 'Sign in by a new link, or set a password within five minutes after one; then try again.' }),
  });
}
