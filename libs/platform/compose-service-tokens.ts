import { errors, type JWTVerifyGetKey } from 'jose';
import type { ServiceTokenIssuer, ServiceTokenVerifier } from '#libs/identity/ports/service-tokens.js';
import { KeyRing } from '#libs/signin/key-ring.js';
import { JwtServiceTokenIssuer, JwtServiceTokenVerifier, localKeys, remoteKeys } from '#libs/signin/service-tokens.js';
import { internalUrl } from './addresses-of.js';
import type { Foundation } from './foundation.js';

/** How our apps prove themselves to each other. */
interface ServiceTokens {
  readonly verifier: ServiceTokenVerifier;
  issuer(service: 'chat' | 'admin'): ServiceTokenIssuer;
  /** The document at `/.well-known/jwks.json` of the internal port. */
  jwks(): Promise<unknown>;
}

/**
 * The keys that all replicas mount, where there are such: the router checks against the same file. Else one key ring
 * for this process, and the router checks against the documents of the apps.
 */
export async function composeServiceTokens(foundation: Foundation): Promise<ServiceTokens> {
  const { ids, clock, directory, config, signingKeys } = foundation;
  const ring = signingKeys ?? (await KeyRing.create(() => ids.next(), clock.now()));
  const issuers = {
    chat: new JwtServiceTokenIssuer('chat', ring, clock),
    admin: new JwtServiceTokenIssuer('admin', ring, clock),
  };
  const documents = (config.issuerUrls ?? [internalUrl(config)]).map((url) =>
    remoteKeys(new URL('/.well-known/jwks.json', url)),
  );
  const keys = signingKeys === null ? anyOf(documents) : localKeys(issuers.chat);
  return {
    verifier: new JwtServiceTokenVerifier(keys, directory, clock),
    issuer: (service) => issuers[service],
    jwks: () => issuers.chat.jwks(),
  };
}

/** The key of whichever issuer published it; one that is away does not hide the others. */
function anyOf(sources: readonly JWTVerifyGetKey[]): JWTVerifyGetKey {
  return async (header, token) => {
    let missing: unknown = new errors.JWKSNoMatchingKey();
    for (const source of sources) {
      try {
        return await source(header, token);
      } catch (error) {
        missing = error;
      }
    }
    throw missing;
  };
}
