import { AppError } from '#libs/kernel/errors.js';
import { type AttemptLimit, windowOf } from '../domain/sign-in-limits.js';
import type { SignInMethod } from '../domain/sign-in-session.js';
import type { Visitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { IdentityParts } from './identity-parts.js';

/**
 * Bounds how often somebody may try. A try is counted before it is checked, so that parallel tries cannot pass
 * the limit together, and taken back when it was right.
 */
export class SignInThrottle {
  constructor(private readonly parts: Pick<IdentityParts, 'sessions' | 'clock' | 'audit' | 'telemetry'>) {}

  /** @throws {AppError} sign_in_throttled with the time of the next try */
  async admit(visitor: Visitor, limits: readonly AttemptLimit[], method: SignInMethod): Promise<void> {
    const { start, end } = windowOf(this.parts.clock.now());
    const isPast = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      let past = false;
      for (const { key, limit } of limits) {
        const tries = await stores.attempts.add(key, start);
        past ||= tries > limit;
        // Told once in a window: a flood of tries must not become a flood of rows.
        if (tries === limit + 1) await this.tell(stores, visitor, key);
      }
      return past;
    });
    if (!isPast) return;
    this.parts.telemetry.signIn(method, 'throttled');
    throw new AppError('sign_in_throttled', 'Too many tries to sign in.', { retryAt: end });
  }

  /** The try was right: the account starts anew, the address gets this try back. In the caller's transaction. */
  async succeeded(stores: IdentityStores, limits: readonly AttemptLimit[]): Promise<void> {
    const { start } = windowOf(this.parts.clock.now());
    for (const { key } of limits) {
      if (key.startsWith('address:')) await stores.attempts.giveBack(key, start);
      else await stores.attempts.clear(key);
    }
  }

  private tell(stores: IdentityStores, visitor: Visitor, key: string): Promise<void> {
    return this.parts.audit.write(stores, visitor, {
      action: 'session.create',
      target: key,
      outcome: 'refused',
      reason: 'throttled',
    });
  }
}
