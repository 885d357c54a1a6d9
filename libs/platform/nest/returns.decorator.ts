import { applyDecorators, HttpCode, SetMetadata } from '@nestjs/common';
import type { Endpoint } from '#libs/contracts/endpoint.js';

/** Metadata key under which a route carries its contract. */
export const endpointMetadata = 'whisper:endpoint';

/** Ties a controller method to its contract: status, shape of the reply, and who may call. */
export function Returns(endpoint: Endpoint): MethodDecorator {
  return applyDecorators(HttpCode(endpoint.status), SetMetadata(endpointMetadata, endpoint));
}
