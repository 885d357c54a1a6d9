/** An answer that is no success, as the API server words it. */
export class ApiFailure extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    readonly extra: { readonly retryAfterSeconds?: number; readonly causes?: readonly object[] } = {},
  ) {
    super(message);
  }

  /** The Status object. */
  toStatus(): object {
    const { retryAfterSeconds, causes } = this.extra;
    const details = {
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      ...(causes !== undefined && { causes }),
    };
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      details,
      code: this.code,
    };
  }
}

export const notFound = (plural: string, name: string) =>
  new ApiFailure(404, 'NotFound', `${plural} "${name}" not found`);

export const conflict = (plural: string, name: string, words: string) =>
  new ApiFailure(409, 'Conflict', `Operation cannot be fulfilled on ${plural} "${name}": ${words}`);

export const expired = (version: string) => new ApiFailure(410, 'Expired', `too old resource version: ${version}`);

export const badRequest = (words: string) => new ApiFailure(400, 'BadRequest', words);
