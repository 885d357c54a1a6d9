import { AppError } from '#libs/kernel/errors.js';

/**
 * The token of `Authorization: Bearer <token>` (RFC 6750 section 2.1).
 * @throws {AppError} with `code` when there is none
 */
export function bearer(header: string | undefined, code: 'invalid_api_key' | 'unauthenticated'): string {
  const token = /^bearer +([!-~]{1,4096})$/i.exec(header ?? '')?.[1];
  if (token === undefined) throw new AppError(code, 'The header "Authorization: Bearer <key>" is missing.');
  return token;
}
