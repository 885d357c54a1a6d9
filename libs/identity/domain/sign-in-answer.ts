import type { OpenedSession } from './opened-session.js';
import type { FactorWay, SecondFactor } from './proof.js';

/** A sign-in that waits: what the page goes on with, and until when. The ticket is shown to the browser only. */
export type AskedStep = { readonly ticket: string; readonly expiresAt: Date } & (
  | { readonly kind: 'second-factor'; readonly factors: readonly SecondFactor[] }
  | { readonly kind: 'enrol'; readonly ways: readonly FactorWay[] }
);

/** What comes of the first step of a sign-in without an identity provider. */
export type SignInAnswer = { readonly kind: 'opened'; readonly opened: OpenedSession } | AskedStep;
