import type { FastifyRequest } from 'fastify';
import type { Face } from '#libs/contracts/endpoint.js';
import { endpoints } from '#libs/contracts/endpoints.js';
import { AppError } from '#libs/kernel/errors.js';

const known = [...endpoints.values()].map(({ face, method, path }) => ({
  face,
  method,
  pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+')}$`),
}));

/** `error`, unless nothing was found because an address of the face was asked by a method it does not have. */
export function namingMethod(error: AppError, request: FastifyRequest, face: Face): AppError {
  if (error.code !== 'not_found') return error;
  const path = request.url.split('?')[0] ?? '';
  const methods = known.filter((one) => one.face === face && one.pattern.test(path)).map(({ method }) => method);
  if (methods.length === 0 || methods.some((method) => method === request.method)) return error;
  return new AppError(
    'method_not_allowed',
    `${request.method} is not for this address; it takes ${methods.join(', ')}.`,
  );
}
