import type { UserId } from '#libs/kernel/ids.js';

/** A WebAuthn credential: a key pair whose private half stays on the person's device or in their password manager. */
export interface Passkey {
  /** The credential's id, base64url. */
  readonly id: string;
  readonly personId: UserId;
  /** The host it was made at: WebAuthn's relying party id. It works nowhere else. */
  readonly host: string;
  readonly name: string;
  /** COSE form. */
  readonly publicKey: Uint8Array;
  /** How often it has signed, as it says itself; 0 where it does not count. */
  readonly counter: number;
  /** How a browser may reach it: `internal`, `usb`, `hybrid`... */
  readonly transports: readonly string[];
  /** Whether it is copied between the person's devices. */
  readonly isSynced: boolean;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

/** A person has a few devices; more than these is a mistake or an attack. */
export const maxPasskeys = 20;

/** What a passkey is asked for. An answer to one question is none to another. */
export type PasskeyPurpose = 'add' | 'sign-in' | 'second-factor' | 'confirm';

/** What is asked of a passkey, and of whom. */
export interface PasskeyQuestion {
  readonly purpose: PasskeyPurpose;
  readonly host: string;
  /** Null where the answer is to tell who it is. */
  readonly personId: UserId | null;
}

/** How long somebody may take to answer, in ms: the time the browser's own dialog stands. */
export const passkeyAnswerMs = 5 * 60_000;
