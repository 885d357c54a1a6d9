import type { ErrorView } from '#libs/contracts/error-body.js';

/** Code of a failure that never reached the server. */
export const offlineCode = 'offline';

/** A request that failed, in the words of the server; or with code `offline` where there was no answer. */
export class RequestFailure extends Error {
  constructor(
    readonly view: ErrorView,
    readonly status: number,
  ) {
    super(view.message);
    this.name = 'RequestFailure';
  }
}

/** The error as people can read it, whatever was thrown. */
export function errorView(error: unknown): ErrorView {
  if (error instanceof RequestFailure) return error.view;
  return { code: 'internal', message: '', action: '', requestId: '', retryable: true };
}
