import { errorTable } from '#libs/kernel/errors.js';
import { cell, code, page, table } from './markdown.js';

/** `docs/reference/errors.md`. */
export function errorsPage(): string {
  const rows = Object.entries(errorTable).map(([name, { status, openai, retryable, action }]) => [
    code(name),
    String(status),
    code(openai),
    retryable ? 'yes' : 'no',
    cell(action),
  ]);
  return page(
    'Errors',
    'Every error has a code of this table. The chat and admin API answer `{"error":{"code","message","action","field","requestId","retryable","retryAt"}}`; ' +
      '`/v1` answers the error body of OpenAI, with this code in `error.code` and the type below in `error.type`. ' +
      'The header `x-request-id` names the request in the log.',
    table(['code', 'HTTP status', 'type in `/v1`', 'a retry may help', 'what to do'], rows),
  );
}
