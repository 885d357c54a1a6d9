import { AppError } from '#libs/kernel/errors.js';

/** A keyset cursor: the sort values of the last row, as base64url JSON. */
export function encodeCursor(values: readonly string[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** @throws {AppError} bad_request for a text that is not a cursor of `length` values */
export function decodeCursor(cursor: string, length: number): readonly string[] {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(values) && values.length === length && values.every((value) => typeof value === 'string'))
      return values;
  } catch {
    // Falls through to the one answer for every cursor that is not ours.
  }
  throw new AppError('bad_request', 'This is not a cursor of this list.', {
    field: 'cursor',
    action: 'Begin again without a cursor.',
  });
}
