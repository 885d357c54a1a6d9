import { createHash } from 'node:crypto';
import type { SamlProfile } from '#libs/tenancy/domain/sso-profile.js';
import { describeError } from '#libs/kernel/errors.js';
import { SharedQuestions } from '#libs/kernel/shared-questions.js';
import { providerFetch, type Reach } from './provider-fetch.js';
import { readMetadata, readProvider, type SamlProvider } from './saml-provider.js';
import { SamlRefused } from './saml-refused.js';

/** How long a document at an address is believed, in ms. */
const refreshMs = 60 * 60_000;
/** How soon it may be read anew because a signature fits no certificate of it, in ms. */
const soonestMs = 30_000;
/** Longest wait for it, in ms: a person is looking at a blank page. */
const timeoutMs = 5_000;

interface Known {
  readonly provider: SamlProvider;
  readonly readAt: number;
}

/** Descriptions of SAML identity providers; one at an address is read each hour, and the last good one is kept. */
export class SamlProviders {
  private readonly known = new Map<string, Known>();
  private readonly reading = new SharedQuestions<SamlProvider>();

  /** @param tenantReach where a provider may be that a tenant's own people have named */
  constructor(
    private readonly now: () => number,
    private readonly tenantReach: Reach,
  ) {}

  /** @throws {SamlRefused} where there is no description that may be used */
  async of(profile: SamlProfile): Promise<SamlProvider> {
    if (profile.source.kind !== 'url') return this.inForce(readProvider(profile.source));
    const known = this.known.get(keyOf(profile));
    if (known !== undefined && known.readAt + refreshMs > this.now()) return this.inForce(known.provider);
    try {
      return this.inForce(await this.readOnce(profile));
    } catch (error) {
      if (known === undefined) throw error;
      return this.inForce(known.provider);
    }
  }

  /** Reads it anew, as a provider that has just changed its certificate needs; null where that was done just now. */
  async renewed(profile: SamlProfile): Promise<SamlProvider | null> {
    const known = this.known.get(keyOf(profile));
    if (profile.source.kind !== 'url' || (known !== undefined && known.readAt + soonestMs > this.now())) return null;
    return this.readOnce(profile).catch(() => null);
  }

  /** Reads it anew and says what is wrong with it. @throws {SamlRefused} */
  async read(profile: SamlProfile): Promise<SamlProvider> {
    return this.inForce(profile.source.kind === 'url' ? await this.readOnce(profile) : readProvider(profile.source));
  }

  private inForce(provider: SamlProvider): SamlProvider {
    const { validUntil } = provider;
    if (validUntil !== null && validUntil.getTime() <= this.now())
      throw new SamlRefused(
        'metadata_expired',
        `it was valid until ${validUntil.toISOString()}; renew it at the provider`,
      );
    return provider;
  }

  /** Everybody who comes while it is being read waits for the same answer. */
  private readOnce(profile: SamlProfile): Promise<SamlProvider> {
    const key = keyOf(profile);
    return this.reading.ask(key, () => this.fetch(profile, key));
  }

  private async fetch({ source, namedBy }: SamlProfile, key: string): Promise<SamlProvider> {
    const url = source.kind === 'url' ? source.url : '';
    const fetch = providerFetch(namedBy === 'manifest' ? 'any' : this.tenantReach);
    let text: string;
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
      if (answer.status !== 200) throw new SamlRefused('metadata_unreachable', `${url} answers ${answer.status}`);
      text = await answer.text();
    } catch (error) {
      if (error instanceof SamlRefused) throw error;
      const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
      throw new SamlRefused('metadata_unreachable', `${url} cannot be read (${describeError(error)}${cause})`);
    }
    const provider = readMetadata(text);
    this.known.set(key, { provider, readAt: this.now() });
    return provider;
  }
}

function keyOf({ source, namedBy }: SamlProfile): string {
  return createHash('sha256')
    .update(JSON.stringify([source.kind === 'url' ? source.url : '', namedBy]))
    .digest('base64url');
}
