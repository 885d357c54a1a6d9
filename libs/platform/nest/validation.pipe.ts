import { StandardSchemaValidationPipe, type StandardSchemaValidationPipeOptions } from '@nestjs/common';
import { AppError } from '#libs/kernel/errors.js';

type Issue = Parameters<NonNullable<StandardSchemaValidationPipeOptions['exceptionFactory']>>[0][number];

function pathOf(issue: Issue): string {
  return (issue.path ?? []).map((part) => (typeof part === 'object' ? String(part.key) : String(part))).join('.');
}

/** Parses every `@Body`, `@Query` and `@Param` that names a schema; the first fault names its field. */
export function validationPipe(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    exceptionFactory: (issues) => {
      const [issue] = issues;
      const field = issue === undefined ? '' : pathOf(issue);
      return new AppError(
        'bad_request',
        `${field === '' ? 'The request' : `The field ${field}`}: ${issue?.message ?? 'is not understood'}.`,
        field === '' ? {} : { field },
      );
    },
  });
}
