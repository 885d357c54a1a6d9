import { Secret, TOTP } from 'otpauth';
import { OneTimeCodes } from '#libs/identity/ports/one-time-codes.js';

const periodSeconds = 30;
/** A clock that is off, and a code typed as it changes: RFC 6238 section 5.2 asks for no more than one step. */
const window = 1;

function totpOf(secret: string, names: { readonly issuer?: string; readonly account?: string } = {}): TOTP {
  return new TOTP({
    secret: Secret.fromBase32(secret),
    algorithm: 'SHA1',
    digits: 6,
    period: periodSeconds,
    ...(names.issuer === undefined ? {} : { issuer: names.issuer }),
    ...(names.account === undefined ? {} : { label: names.account }),
  });
}

/** The codes of authenticator apps, by `otpauth`, which compares them in constant time. */
export class AuthenticatorCodes extends OneTimeCodes {
  override textOf(bytes: Uint8Array): string {
    return new Secret({ buffer: new Uint8Array(bytes).buffer }).base32;
  }

  override address(secret: string, names: { readonly issuer: string; readonly account: string }): string {
    return totpOf(secret, names).toString();
  }

  override stepOf(secret: string, code: string, now: Date): number | null {
    const delta = totpOf(secret).validate({ token: code, timestamp: now.getTime(), window });
    return delta === null ? null : Math.floor(now.getTime() / 1_000 / periodSeconds) + delta;
  }
}
