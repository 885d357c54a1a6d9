import { errors } from 'jose';
import { ExchangeToken } from '#libs/identity/app/exchange-token.js';
import type { ServiceTokenIssuer, ServiceTokenVerifier } from '#libs/identity/ports/service-tokens.js';
import { describeError } from '#libs/kernel/errors.js';
import { ExchangedTokenIssuer } from '#libs/signin/exchanged-tokens.js';
import { KeyRing } from '#libs/signin/key-ring.js';
import { ServiceAccountVerifier } from '#libs/signin/service-account-verifier.js';
import {
  JwtServiceTokenIssuer,
  JwtServiceTokenSigner,
  JwtServiceTokenVerifier,
  localKeys,
  remoteKeys,
  type TokenKeys,
} from '#libs/signin/service-tokens.js';
import type { SigningKeys } from '#libs/signin/signing-keys.js';
import { exchangeMetrics, LoggedExchanges } from '#libs/telemetry/exchange-metrics.js';
import { internalUrl } from './addresses-of.js';
import { quietly } from './assemble-foundation.js';
import type { Foundation } from './foundation.js';

/** How our apps prove themselves to each other. */
interface ServiceTokens {
  readonly verifier: ServiceTokenVerifier;
  issuer(service: 'chat' | 'admin'): ServiceTokenIssuer;
  /** Gives pods their tokens; null where none comes for them. */
  readonly exchange: ExchangeToken | null;
  /** Whether this process can prove itself: always where it signs itself. */
  readonly isReady: () => Promise<boolean>;
  /** The document at `/.well-known/jwks.json` of the internal port. */
  jwks(): Promise<unknown>;
}

/**
 * In a cluster chat and admin exchange their pod's token at the router, which alone has keys: its replicas mount
 * them. Elsewhere each process has a key ring, and the router checks against the documents of the apps.
 */
export async function composeServiceTokens(foundation: Foundation): Promise<ServiceTokens> {
  const { ids, clock, config, signingKeys } = foundation;
  if (config.podToken !== undefined) return exchanged(foundation, config.podToken);
  const ring = signingKeys ?? (await KeyRing.create(() => ids.next(), clock.now()));
  const issuers = {
    chat: new JwtServiceTokenIssuer('chat', ring, clock),
    admin: new JwtServiceTokenIssuer('admin', ring, clock),
  };
  const keys = signingKeys === null ? documentKeys(foundation) : localKeys(signingKeys);
  return {
    verifier: verifierBy(foundation, keys),
    issuer: (service) => issuers[service],
    exchange: composeExchange(foundation, ring),
    isReady: () => Promise.resolve(true),
    jwks: () => issuers.chat.jwks(),
  };
}

function exchanged(foundation: Foundation, podTokenFile: string): ServiceTokens {
  const { clock, log, addresses, onClose } = foundation;
  const trouble = quietly('service tokens', log);
  const issuer = new ExchangedTokenIssuer({
    routerUrl: addresses.routerUrl,
    podTokenFile,
    clock,
    report: (error) => trouble(describeError(error)),
  });
  onClose(() => issuer.close());
  return {
    verifier: verifierBy(foundation, documentKeys(foundation)),
    issuer: () => issuer,
    exchange: null,
    isReady: () => issuer.isIntroduced(),
    jwks: () => issuer.jwks(),
  };
}

function composeExchange(foundation: Foundation, keys: SigningKeys): ExchangeToken | null {
  const { clock, log, metrics, directory, config, clusterKeys } = foundation;
  if (clusterKeys === null) return null;
  return new ExchangeToken({
    pods: new ServiceAccountVerifier(clusterKeys, clock),
    clients: config.tokenClients,
    directory,
    signer: new JwtServiceTokenSigner(keys, clock),
    telemetry: new LoggedExchanges(exchangeMetrics(metrics), log),
    clock,
  });
}

function verifierBy({ directory, clock }: Foundation, keys: TokenKeys): ServiceTokenVerifier {
  return new JwtServiceTokenVerifier(keys, directory, clock);
}

function documentKeys({ config }: Foundation): TokenKeys {
  const urls = config.issuerUrls ?? [internalUrl(config)];
  return anyOf(urls.map((url) => remoteKeys(new URL('/.well-known/jwks.json', url))));
}

/** The key of whichever issuer published it; one that is away does not hide the others. */
function anyOf(sources: readonly TokenKeys[]): TokenKeys {
  return {
    find: async (header, token) => {
      let missing: unknown = new errors.JWKSNoMatchingKey();
      for (const source of sources) {
        try {
          return await source.find(header, token);
        } catch (error) {
          missing = error;
        }
      }
      throw missing;
    },
    has: (kid) => sources.some((source) => source.has(kid)),
  };
}
