import type { KeyIdentity } from '../domain/caller-identity.js';

/** Finds the tenant and rights behind an API key `wk_<tenant ref>_<key id>_<secret>`. */
export abstract class KeyAuthenticator {
  /**
   * @param host the request's host name without port; null on a loopback address, where the key names the tenant
   * @throws {AppError} invalid_api_key for every key that does not fit, one of another tenant's host included
   */
  abstract authenticate(presented: string, host: string | null): Promise<KeyIdentity>;
}
