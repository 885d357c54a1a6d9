import type { OpenedSession } from './opened-session.js';
import type { FactorWay, SecondFactor } from './proof.js';

/** What a sign-in waits for: a factor to be shown, or one to be set up. */
export type Wait =
  | { readonly kind: 'second-factor'; readonly factors: readonly SecondFactor[] }
  | { readonly kind: 'enrol'; readonly ways: readonly FactorWay[] };

/** A sign-in that waits: what the page goes on with, and until when. The ticket is shown to the browser only. */
export type AskedStep = Wait & { readonly ticket: string; readonly expiresAt: Date };

/** What comes of the first step of a sign-in without an identity provider. */
export type SignInAnswer = { readonly kind: 'opened'; readonly opened: OpenedSession } | AskedStep;
