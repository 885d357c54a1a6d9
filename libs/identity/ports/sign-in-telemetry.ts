import type { SignInMethod } from '../domain/sign-in-session.js';

/** How a try to sign in ended. `unavailable`: the identity provider, or its secret, could not be reached. */
export type SignInOutcome = 'success' | 'refused' | 'throttled' | 'unavailable';

/** Watches sign-ins. Never throws, never waits, and learns nothing of who it was. */
export abstract class SignInTelemetry {
  abstract signIn(method: SignInMethod, outcome: SignInOutcome): void;
}
