import { createHash } from 'node:crypto';
import * as client from 'openid-client';
import type { OidcClient } from '#libs/identity/ports/oidc-connector.js';
import type { OidcProfile } from '#libs/tenancy/domain/sso-profile.js';
import { providerFetch, type Reach } from './provider-fetch.js';

/** How long what a provider says of itself is believed, in ms. */
const discoveryMs = 10 * 60_000;
/** Longest wait for each answer of a provider, in seconds: a person is looking at a blank page. */
const timeoutSeconds = 5;

interface Known {
  readonly metadata: Promise<client.ServerMetadata>;
  readonly until: number;
}

/** Discovery documents, kept for ten minutes, and clients made of them. */
export class OidcConfigurations {
  private readonly known = new Map<string, Known>();

  /** @param tenantReach where a provider may be that a tenant's own people have named */
  constructor(
    private readonly now: () => number,
    private readonly tenantReach: Reach,
  ) {}

  /**
   * The tenant's client. Its keys are read anew for each: a provider that changes them from one moment to the next
   * is believed at once, and a sign-in is rare enough for one more request.
   */
  async of(at: OidcClient): Promise<client.Configuration> {
    const { profile, secret } = at;
    const authentication = secret === null ? client.None() : client.ClientSecretBasic(secret);
    const configuration = new client.Configuration(await this.metadataOf(at), profile.clientId, {}, authentication);
    configuration.timeout = timeoutSeconds;
    configuration[client.customFetch] = this.fetchFor(profile);
    for (const apply of rulesOf(profile)) apply(configuration);
    return configuration;
  }

  /** How the provider of a profile is asked. */
  fetchFor({ namedBy }: OidcProfile): client.CustomFetch {
    return providerFetch(namedBy === 'manifest' ? 'any' : this.tenantReach) as client.CustomFetch;
  }

  private metadataOf(at: OidcClient): Promise<client.ServerMetadata> {
    const { issuer, clientId, namedBy } = at.profile;
    const key = createHash('sha256')
      .update(JSON.stringify([issuer, clientId, namedBy]))
      .digest('base64url');
    const known = this.known.get(key);
    if (known !== undefined && known.until > this.now()) return known.metadata;
    const metadata = this.discover(at);
    this.known.set(key, { metadata, until: this.now() + discoveryMs });
    // What failed is asked for again by the next sign-in.
    metadata.catch(() => this.known.delete(key));
    return metadata;
  }

  private async discover({ profile }: OidcClient): Promise<client.ServerMetadata> {
    const issuer = new URL(profile.issuer);
    if (issuer.protocol === 'http:' && !isLoopback(issuer.hostname))
      throw new TypeError('an http issuer must be on a loopback host');
    const found = await client.discovery(issuer, profile.clientId, {}, client.None(), {
      timeout: timeoutSeconds,
      [client.customFetch]: this.fetchFor(profile),
      execute: rulesOf(profile),
    });
    return found.serverMetadata();
  }
}

/** Signatures of ID tokens are checked, too: without it openid-client trusts TLS to the token endpoint alone. */
function rulesOf(profile: OidcProfile): ((configuration: client.Configuration) => void)[] {
  const isPlain = profile.issuer.startsWith('http:');
  return [client.enableNonRepudiationChecks, ...(isPlain ? [client.allowInsecureRequests] : [])];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
