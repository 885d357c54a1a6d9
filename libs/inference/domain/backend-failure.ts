import { AppError } from '#libs/kernel/errors.js';

/** How an attempt at a backend went wrong. */
export type BackendFailure =
  /** No connection came about. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** The connection ended before the reply did. */
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'timeout'; readonly phase: 'connect' | 'first-token' | 'idle' | 'total' }
  /** The server answered with an error. */
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly message: string;
      readonly field: string | null;
      readonly retryAfterMs: number | null;
    };

/** The request itself is at fault: no other server would answer otherwise. */
const clientFaults = new Set([400, 413, 422]);
const passing = new Set([408, 425, 429, 500, 502, 503, 504, 529]);

/** Longest `Retry-After` that is worth waiting for with the client on the line, in ms. */
const maxRetryWaitMs = 1_000;

/** Whether the same backend may answer when asked again at once. A slow one is not asked twice. */
export function isWorthRetrying(failure: BackendFailure): boolean {
  switch (failure.kind) {
    case 'unreachable':
    case 'broken':
      return true;
    case 'timeout':
      return false;
    case 'refused':
      return passing.has(failure.status) && (failure.retryAfterMs ?? 0) <= maxRetryWaitMs;
  }
}

/** Whether another model may answer where this one did not. */
export function mayFallBack(failure: BackendFailure): boolean {
  return failure.kind !== 'refused' || !clientFaults.has(failure.status);
}

/** Whether the server itself seems to be away, not only this one answer. */
export function isGone(failure: BackendFailure): boolean {
  return failure.kind === 'unreachable' || (failure.kind === 'timeout' && failure.phase === 'connect');
}

/** The failure as the caller sees it. */
export function failureError(failure: BackendFailure, backend: string, now: Date): AppError {
  const name = `The model server "${backend}"`;
  switch (failure.kind) {
    case 'unreachable':
      return new AppError('backend_unavailable', `${name} cannot be reached (${failure.reason}).`);
    case 'broken':
      return new AppError('backend_unavailable', `${name} closed the connection (${failure.reason}).`);
    case 'timeout':
      return new AppError('backend_timeout', `${name} ${slowness[failure.phase]}`);
    case 'refused':
      return refusal(failure, name, now);
  }
}

const slowness = {
  connect: 'did not accept a connection in time.',
  'first-token': 'did not begin to answer in time.',
  idle: 'stopped in the middle of the answer.',
  total: 'took too long for the whole answer.',
} as const;

function refusal(failure: Extract<BackendFailure, { kind: 'refused' }>, name: string, now: Date): AppError {
  const said = failure.message === '' ? `HTTP ${failure.status}` : failure.message;
  if (clientFaults.has(failure.status)) {
    const details = failure.field === null ? {} : { field: failure.field };
    return new AppError('bad_request', `${name} refused the request: ${said}`, details);
  }
  if (failure.status === 429) {
    const retryAt = new Date(now.getTime() + (failure.retryAfterMs ?? maxRetryWaitMs));
    return new AppError('rate_limited', `${name} is at its own limit.`, { retryAt });
  }
  if (passing.has(failure.status)) {
    return new AppError('backend_unavailable', `${name} answered with HTTP ${failure.status}.`);
  }
  return new AppError('backend_refused', `${name} refused the request: ${said}`);
}

/** What ends a stream that had already begun. */
export function midStreamError(failure: BackendFailure): AppError {
  if (failure.kind === 'timeout') return new AppError('backend_timeout', `The model server ${slowness[failure.phase]}`);
  return new AppError('interrupted', 'The model server ended the answer before it was complete.');
}
