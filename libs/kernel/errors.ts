interface ErrorKind {
  /** HTTP status of the answer. */
  readonly status: number;
  /** `error.type` in OpenAI's error body. */
  readonly openai: string;
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean;
  /** What the person who sees it can do next. */
  readonly action: string;
}

const client = 'invalid_request_error';

/** Every error a user can see. `docs/reference/errors.md` is made from this table. */
export const errorTable = {
  bad_request: { status: 400, openai: client, retryable: false, action: 'Correct the named field and send it again.' },
  invalid_json: { status: 400, openai: client, retryable: false, action: 'Send a body that is valid JSON.' },
  body_too_large: { status: 413, openai: client, retryable: false, action: 'Send less at once.' },
  unsupported_media_type: {
    status: 415,
    openai: client,
    retryable: false,
    action: 'Send Content-Type: application/json.',
  },
  method_not_allowed: {
    status: 405,
    openai: client,
    retryable: false,
    action: 'Use the method named in the API reference.',
  },
  not_found: { status: 404, openai: client, retryable: false, action: 'Check the address.' },
  unauthenticated: { status: 401, openai: 'authentication_error', retryable: false, action: 'Sign in.' },
  invalid_api_key: {
    status: 401,
    openai: 'authentication_error',
    retryable: false,
    action: 'Use a key of this organisation that is neither expired nor revoked.',
  },
  forbidden: {
    status: 403,
    openai: 'permission_error',
    retryable: false,
    action: 'Ask an administrator of your organisation.',
  },
  step_up_required: {
    status: 403,
    openai: 'permission_error',
    retryable: false,
    action: 'Confirm that it is you, then try again.',
  },
  origin_refused: {
    status: 403,
    openai: 'permission_error',
    retryable: false,
    action: 'Open the page at its own address and try again.',
  },
  link_invalid: {
    status: 410,
    openai: client,
    retryable: false,
    action: 'Ask for a new link: each works once and for a short time.',
  },
  sign_in_failed: {
    status: 401,
    openai: 'authentication_error',
    retryable: false,
    action: 'Check e-mail and password, or ask for a reset link.',
  },
  passkey_failed: {
    status: 401,
    openai: 'authentication_error',
    retryable: false,
    action: 'Try again, or come in another way; if it fails again, give your administrator the request id.',
  },
  sign_in_throttled: {
    status: 429,
    openai: 'rate_limit_error',
    retryable: true,
    action: 'Wait until the stated time, then try again.',
  },
  second_factor_failed: {
    status: 401,
    openai: 'authentication_error',
    retryable: false,
    action: 'Type the newest code of your app, or use a recovery code. Each works once.',
  },
  second_factor_required: {
    status: 409,
    openai: client,
    retryable: false,
    action: 'Set up another second factor first, or replace this one.',
  },
  sign_in_expired: {
    status: 410,
    openai: 'authentication_error',
    retryable: false,
    action: 'Sign in again from the start.',
  },
  sso_failed: {
    status: 401,
    openai: 'authentication_error',
    retryable: false,
    action: 'Try again; if it fails again, give your administrator the request id.',
  },
  sso_unavailable: {
    status: 502,
    openai: 'server_error',
    retryable: true,
    action: 'The identity provider does not answer. Try again soon.',
  },
  sso_untested: {
    status: 409,
    openai: client,
    retryable: false,
    action: 'Test the connection first: one sign-in through it must succeed.',
  },
  conflict: { status: 409, openai: client, retryable: false, action: 'Reload and try again.' },
  managed_by_manifest: { status: 409, openai: client, retryable: false, action: 'Change it in the tenant manifest.' },
  last_owner: { status: 409, openai: client, retryable: false, action: 'Make somebody else an owner first.' },
  model_not_found: { status: 404, openai: client, retryable: false, action: 'Use a model of GET /v1/models.' },
  no_models: {
    status: 503,
    openai: 'server_error',
    retryable: true,
    action: 'Name a model backend in the manifest, or start one on this machine.',
  },
  rate_limited: {
    status: 429,
    openai: 'rate_limit_error',
    retryable: true,
    action: 'Wait until the stated time, then try again.',
  },
  budget_exhausted: {
    status: 429,
    openai: 'insufficient_quota',
    retryable: false,
    action: 'Ask an administrator to raise the monthly budget.',
  },
  backend_unavailable: {
    status: 502,
    openai: 'server_error',
    retryable: true,
    action: 'The model server does not answer. Try again, or choose another model.',
  },
  backend_timeout: {
    status: 504,
    openai: 'server_error',
    retryable: true,
    action: 'The model server is too slow. Try again, or choose another model.',
  },
  backend_refused: {
    status: 502,
    openai: 'server_error',
    retryable: false,
    action: 'The model server refused the request; the cause is in the message.',
  },
  interrupted: { status: 503, openai: 'server_error', retryable: true, action: 'Continue or retry the answer.' },
  generation_running: {
    status: 409,
    openai: client,
    retryable: true,
    action: 'Wait for the running answer, or stop it.',
  },
  database_unavailable: {
    status: 503,
    openai: 'server_error',
    retryable: true,
    action: 'Nothing was saved. Try again soon.',
  },
  cluster_unavailable: {
    status: 502,
    openai: 'server_error',
    retryable: true,
    action: 'Check the kubeconfig and what the cluster said.',
  },
  shard_unavailable: {
    status: 503,
    openai: 'server_error',
    retryable: true,
    action: 'Nothing was saved. Look at the DatabaseShard that is named, then try again.',
  },
  no_shard: {
    status: 503,
    openai: 'server_error',
    retryable: true,
    action: 'Add a DatabaseShard, raise the capacity of one, or uncordon it.',
  },
  queue_unavailable: {
    status: 503,
    openai: 'server_error',
    retryable: true,
    action: 'Look at Redis and at the rights of the login of REDIS_URL, then try again.',
  },
  export_failed: {
    status: 500,
    openai: 'server_error',
    retryable: true,
    action: 'Nothing was deleted. Look at the folder of exports and the room on its disk, then try again.',
  },
  disk_full: {
    status: 507,
    openai: 'server_error',
    retryable: false,
    action: 'Free space on the disk of the database, then try again.',
  },
  tenant_moved: { status: 503, openai: 'server_error', retryable: true, action: 'Try again at once.' },
  draining: { status: 503, openai: 'server_error', retryable: true, action: 'The server restarts. Try again soon.' },
  manifest_invalid: {
    status: 422,
    openai: client,
    retryable: false,
    action: 'Correct the named field of the manifest.',
  },
  port_in_use: {
    status: 500,
    openai: 'server_error',
    retryable: false,
    action: 'Stop the other program, or choose another port with --port.',
  },
  data_in_use: {
    status: 500,
    openai: 'server_error',
    retryable: false,
    action: 'Stop the other process, or choose another folder with --data.',
  },
  start_failed: {
    status: 500,
    openai: 'server_error',
    retryable: false,
    action: 'Correct the named setting and start again.',
  },
  internal: {
    status: 500,
    openai: 'server_error',
    retryable: true,
    action: 'Try again; if it fails again, report the request id.',
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorTable;

interface ErrorDetails {
  /** The field at fault, as a path: `spec.models.default`. */
  readonly field?: string;
  /** When a retry may succeed. */
  readonly retryAt?: Date;
  /** Replaces the table's advice where a better one is known. */
  readonly action?: string;
  /** How the person can prove who they are, where that is what is missing. */
  readonly ways?: readonly string[];
  readonly cause?: unknown;
}

/** An expected failure with a code of the table. Its message is shown to users: no secret, no prompt text. */
export class AppError extends Error {
  readonly status: number;
  readonly retryable: boolean;
  readonly action: string;
  readonly field: string | undefined;
  readonly retryAt: Date | undefined;
  readonly ways: readonly string[] | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    details: ErrorDetails = {},
  ) {
    super(message, { cause: details.cause });
    this.name = 'AppError';
    const kind: ErrorKind = errorTable[code];
    this.status = kind.status;
    this.retryable = kind.retryable;
    this.action = details.action ?? kind.action;
    this.field = details.field;
    this.retryAt = details.retryAt;
    this.ways = details.ways;
  }
}

/** `error` as an AppError: itself, or `internal` with a message that tells nothing of the inside. */
export function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('internal', 'Something went wrong on our side.', { cause: error });
}

/** The words of any thrown value, for logs. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
