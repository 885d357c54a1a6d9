import { errors, type JWTVerifyGetKey } from 'jose';
import type { ServiceTokenIssuer, ServiceTokenVerifier } from '#libs/identity/ports/service-tokens.js';
import { KeyRing } from '#libs/signin/key-ring.js';
import { JwtServiceTokenIssuer, JwtServiceTokenVerifier, remoteKeys } from '#libs/signin/service-tokens.js';
import type { Foundation } from './foundation.js';
import { internalUrl } from './open-foundation.js';

/** How our apps prove themselves to each other. */
interface ServiceTokens {
  readonly verifier: ServiceTokenVerifier;
  issuer(service: 'chat' | 'admin'): ServiceTokenIssuer;
  /** The document at `/.well-known/jwks.json` of the internal port. */
  jwks(): Promise<unknown>;
}

/** One key ring for this process; the router checks against the document, as it would in a cluster. */
export async function composeServiceTokens(foundation: Foundation): Promise<ServiceTokens> {
  const { ids, clock, directory, config } = foundation;
  const ring = await KeyRing.create(() => ids.next(), clock.now());
  const issuers = {
    chat: new JwtServiceTokenIssuer('chat', ring, clock),
    admin: new JwtServiceTokenIssuer('admin', ring, clock),
  };
  const keys = anyOf(
    (config.issuerUrls ?? [internalUrl(config)]).map((url) => remoteKeys(new URL('/.well-known/jwks.json', url))),
  );
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
