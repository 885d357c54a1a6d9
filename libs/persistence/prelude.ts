import { AppError } from '#libs/kernel/errors.js';
import { simpleProtocol } from './extended-client.js';

const roleName = /^t_[a-z0-9]{16}$/;

/** The part of a tenant that its unit of work is opened from. */
interface Opening {
  readonly role: string;
  readonly schema: string;
  readonly epoch: number;
}

/**
 * Opens a unit of work as a tenant: transaction, role, search path and the check of the epoch in one message, so
 * that it costs no round trip of its own. This is the one statement that is built as text, from names that fit the
 * pattern and a whole number. Without it the login may see nothing at all, so that forgetting it is an error and
 * never a leak; with the epoch of another time it fails, so that a process with an old directory gets nothing.
 */
export function preludeFor(tenant: Opening): { readonly text: string; readonly [simpleProtocol]: true } {
  const { role, schema, epoch } = tenant;
  if (!roleName.test(role) || !roleName.test(schema) || !Number.isSafeInteger(epoch))
    throw new AppError('internal', 'A tenant has no proper role.');
  return {
    text: `BEGIN; SET LOCAL ROLE ${role}; SET LOCAL search_path TO ${schema}; SELECT check_epoch(${epoch})`,
    [simpleProtocol]: true,
  };
}

export const commit = { text: 'COMMIT', [simpleProtocol]: true } as const;
export const rollback = { text: 'ROLLBACK', [simpleProtocol]: true } as const;
