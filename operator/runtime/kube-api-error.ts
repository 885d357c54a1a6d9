interface ErrorFacts {
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** The API server's own word (`NotFound`, `Conflict`, `Expired` …), or `NoAnswer`, `Deadline`. */
  readonly reason: string;
  readonly message: string;
  /** How long the server asks to wait, in ms. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A call to the API server that did not succeed. */
export class KubeApiError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly retryAfterMs: number | undefined;

  constructor(facts: ErrorFacts) {
    super(facts.message, { cause: facts.cause });
    this.name = 'KubeApiError';
    this.status = facts.status;
    this.reason = facts.reason;
    this.retryAfterMs = facts.retryAfterMs;
  }

  /** The object is not there. */
  get isNotFound(): boolean {
    return this.status === 404;
  }

  /** Somebody else wrote first, or owns a field. */
  get isConflict(): boolean {
    return this.status === 409 && this.reason !== 'AlreadyExists';
  }

  get isAlreadyExists(): boolean {
    return this.status === 409 && this.reason === 'AlreadyExists';
  }

  /** The resourceVersion asked for is gone from the server's memory: list again. */
  get isExpired(): boolean {
    return this.status === 410;
  }

  /** The same call, unchanged, may succeed later. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** `error` as a KubeApiError with this status? */
export function hasStatus(error: unknown, status: number): boolean {
  return error instanceof KubeApiError && error.status === status;
}

/** What a reader of logs needs of a Status body; the API server always sends one, proxies do not. */
export function errorFromBody(status: number, body: string, retryAfterMs?: number): KubeApiError {
  const told = parseStatus(body);
  const message = told.message ?? (body.slice(0, 300) || `the API server answered ${status}`);
  return new KubeApiError({
    status,
    reason: told.reason ?? 'Unknown',
    message,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function parseStatus(body: string): { reason?: string; message?: string } {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null) return {};
    const { reason, message } = value as Record<string, unknown>;
    return {
      ...(typeof reason === 'string' && reason !== '' && { reason }),
      ...(typeof message === 'string' && message !== '' && { message }),
    };
  } catch {
    return {};
  }
}
