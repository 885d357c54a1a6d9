import * as client from 'openid-client';
import { describeError } from '#libs/kernel/errors.js';

/** The library's code of an error, or ''. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}

/** Whether the provider was not reached, rather than said no. */
export function isNetworkTrouble(error: unknown): boolean {
  if (error instanceof client.ResponseBodyError) return error.status >= 500;
  const trouble = ['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ADDRESS_REFUSED'];
  if (trouble.includes(codeOf(error))) return true;
  const cause = error instanceof Error ? error.cause : undefined;
  return (error instanceof TypeError && error.message === 'fetch failed') || trouble.includes(codeOf(cause));
}

/** Why it failed, for the audit log and the admin: codes and fixed words of the library, never a token. */
export function reasonOf(error: unknown): string {
  if (error instanceof client.WWWAuthenticateChallengeError)
    return `the provider does not accept this client id and secret (${error.status})`;
  const detail =
    error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError
      ? error.error
      : codeOf(error);
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${detail} ${describeError(error)}${cause}`.trim().slice(0, 250);
}
