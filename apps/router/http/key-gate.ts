import type { FastifyRequest } from 'fastify';
import type { keyScopes } from '#libs/contracts/admin-api.js';
import type { KeyIdentity } from '#libs/identity/domain/caller-identity.js';
import type { KeyAuthenticator } from '#libs/identity/ports/key-authenticator.js';
import { AppError } from '#libs/kernel/errors.js';
import type { TrustedProxies } from '#libs/platform/trusted-proxies.js';
import { bearer } from './bearer.js';

/** Names of this machine itself: there the key alone says whose it is. */
const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Finds out whose key a request carries, and whether it may do what the request wants. */
export class KeyGate {
  constructor(
    private readonly keys: KeyAuthenticator,
    private readonly proxies: TrustedProxies,
  ) {}

  /** @throws {AppError} invalid_api_key, forbidden */
  async admit(request: FastifyRequest, scope: (typeof keyScopes)[number]): Promise<KeyIdentity> {
    const presented = bearer(request.headers.authorization, 'invalid_api_key');
    const { host } = this.proxies.view(request.raw);
    const identity = await this.keys.authenticate(presented, loopback.has(host) ? null : host);
    if (identity.scopes.includes(scope)) return identity;
    throw new AppError('forbidden', `This API key may not be used for ${scope}.`, {
      action: `Use a key with the scope "${scope}".`,
    });
  }
}
