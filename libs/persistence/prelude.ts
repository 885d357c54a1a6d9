import { AppError } from '#libs/kernel/errors.js';
import { simpleProtocol } from './extended-client.js';

const roleName = /^t_[a-z0-9]{16}$/;

/**
 * Opens a unit of work as a tenant: transaction, role and search path in one message, so that it costs no round
 * trip of its own. This is the one statement that is built as text, from a name that fits the pattern.
 * Without it the login may see nothing at all, so that forgetting it is an error and never a leak.
 */
export function preludeFor(role: string, schema: string): { readonly text: string; readonly [simpleProtocol]: true } {
  if (!roleName.test(role) || !roleName.test(schema)) throw new AppError('internal', 'A tenant has no proper role.');
  return { text: `BEGIN; SET LOCAL ROLE ${role}; SET LOCAL search_path TO ${schema}`, [simpleProtocol]: true };
}

export const commit = { text: 'COMMIT', [simpleProtocol]: true } as const;
export const rollback = { text: 'ROLLBACK', [simpleProtocol]: true } as const;
