import { AppError } from '#libs/kernel/errors.js';

/** A place in a list that is sorted newest first. */
export interface Place {
  readonly at: Date;
  readonly id: string;
}

interface Listed {
  readonly id: string;
}

/** @throws {AppError} bad_request for a cursor we have not given */
export function readPlace(cursor: string | null): Place | null {
  if (cursor === null) return null;
  const [time = '', id = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const at = new Date(time);
  if (Number.isNaN(at.getTime()) || !/^[a-z0-9-]{1,40}$/.test(id)) throw unknownCursor();
  return { at, id };
}

/** @throws {AppError} bad_request for a cursor we have not given */
export function readTextCursor(cursor: string | null): string {
  if (cursor === null) return '';
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  // Postgres takes no NUL in a text.
  if (text.includes('\0')) throw unknownCursor();
  return text;
}

export function textCursor(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url');
}

/** The page in `found`, which was read with one row more than `limit`. */
export function pageFrom<Item extends Listed>(
  found: readonly Item[],
  limit: number,
  cursorOf: (item: Item) => string,
): { readonly items: readonly Item[]; readonly nextCursor: string | null } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last !== undefined ? cursorOf(last) : null };
}

/** Cursor of an item in a list sorted newest first. */
export function placeCursor(at: Date, id: string): string {
  return textCursor(`${at.toISOString()} ${id}`);
}

function unknownCursor(): AppError {
  return new AppError('bad_request', 'The cursor is not one of ours.', { field: 'cursor' });
}
