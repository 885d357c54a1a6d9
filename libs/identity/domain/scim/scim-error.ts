import { AppError, type ErrorCode } from '#libs/kernel/errors.js';

/** RFC 7644, table 9. */
export type ScimType =
  'invalidFilter' | 'invalidPath' | 'invalidSyntax' | 'invalidValue' | 'mutability' | 'noTarget' | 'uniqueness';

/** A refusal in the words of SCIM. */
export class ScimError extends AppError {
  constructor(
    code: ErrorCode,
    message: string,
    readonly scimType: ScimType | null = null,
  ) {
    super(code, message);
    this.name = 'ScimError';
  }
}
