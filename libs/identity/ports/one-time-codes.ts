/** Codes of authenticator apps (RFC 6238), with what every app knows: SHA-1, six digits, steps of 30 s. */
export abstract class OneTimeCodes {
  /** Bytes as base32 (RFC 4648) without padding: how secrets and recovery codes are written. */
  abstract textOf(bytes: Uint8Array): string;
  /** The `otpauth:` address that an app reads from a QR code. */
  abstract address(secret: string, names: { readonly issuer: string; readonly account: string }): string;
  /** The number of the step whose code this is, among that of `now` and its neighbours; null for a wrong code. */
  abstract stepOf(secret: string, code: string, now: Date): number | null;
}
