import { AppError } from '#libs/kernel/errors.js';

/** SQLSTATE of a driver error, or the system's error code. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { code, driverError } = error as { code?: unknown; driverError?: unknown };
  if (typeof code === 'string') return code;
  return driverError === undefined ? '' : codeOf(driverError);
}

const lost = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  '53300',
  '57P01',
  '57P02',
  '57P03',
  '25006',
]);

function isLost(error: unknown): boolean {
  const code = codeOf(error);
  if (lost.has(code) || code.startsWith('08')) return true;
  const message = error instanceof Error ? error.message : '';
  return /connection terminated|timeout exceeded when trying to connect|not queryable|driver has already been destroyed|Client was closed/i.test(
    message,
  );
}

/** Whether the statement failed since another row has the key already. */
export function isDuplicate(error: unknown): boolean {
  return codeOf(error) === '23505';
}

/** SQLSTATE with which the schema says that it is served under another epoch than the caller's. */
const otherEpoch = 'WH001';

/** A database failure in the user's words; our own errors pass unchanged. */
export function fromDatabase(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (codeOf(error) === otherEpoch)
    return new AppError('tenant_moved', 'The organisation has just moved; nothing was saved.', { cause: error });
  if (codeOf(error) === '53100')
    return new AppError('disk_full', 'The database has no room left; nothing was saved.', { cause: error });
  if (codeOf(error) === '57014')
    return new AppError('database_unavailable', 'The database took too long; nothing was saved.', { cause: error });
  if (isLost(error))
    return new AppError('database_unavailable', 'The database cannot be reached; nothing was saved.', { cause: error });
  return new AppError('internal', 'Something went wrong on our side; nothing was saved.', { cause: error });
}
