import type { ZodError } from 'zod';

/** What is wrong with a spec, field by field, in words of the manifest's author: `spec.region must be …; spec.…`. */
export function specFaults({ issues }: ZodError): string {
  return issues.map(({ path, message }) => `${['spec', ...path].join('.')} ${message}`).join('; ');
}
