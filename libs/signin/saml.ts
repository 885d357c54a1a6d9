import { type CacheProvider, SAML, type SamlConfig, ValidateInResponseTo } from '@node-saml/node-saml';
import { randomBytes } from 'node:crypto';
import {
  type SamlClient,
  SamlConnector,
  type SamlKey,
  type SamlLogoutMessage,
  type SamlLogoutOrder,
  type SamlSide,
} from '#libs/identity/ports/saml-connector.js';
import type { SsoAsked, SsoFinding, SsoFinish, SsoSessionHint, SsoStart } from '#libs/identity/ports/sso-connector.js';
import { describeError } from '#libs/kernel/errors.js';
import type { Reach } from './provider-fetch.js';
import { whyStale } from './fresh-proof.js';
import { readAssertion, type SamlAssertion } from './saml-assertion.js';
import { checkSaml } from './saml-check.js';
import { samlClaimsOf } from './saml-claims.js';
import { logoutUser, readLogoutRequest } from './saml-logout.js';
import { ownMetadata } from './saml-own-metadata.js';
import type { SamlProvider } from './saml-provider.js';
import { SamlProviders } from './saml-providers.js';
import { SamlRefused } from './saml-refused.js';
import { readResponse, type SamlResponse } from './saml-response.js';
import { judgeAssertion, judgeResponse, longestWayMs, type SamlExpectations, skewMs } from './saml-rules.js';
import { makeSelfSigned } from './self-signed.js';

const noRequests: CacheProvider = {
  saveAsync: () => Promise.resolve(null),
  getAsync: () => Promise.resolve(null),
  removeAsync: () => Promise.resolve(null),
};

/**
 * SAML by node-saml for what needs cryptography, between two looks of our own: at the shape of what came, before
 * (saml-response.ts), and at what was verified, after (saml-rules.ts). Alone, node-saml 5.1 lets pass a wrong issuer,
 * destination or recipient, a status of failure around a signed assertion, any confirmation method, SHA-1, and an
 * unsigned logout by redirect.
 */
export class NodeSamlConnector extends SamlConnector {
  private readonly providers: SamlProviders;

  /** @param tenantReach where a provider may be that a tenant's own people have named */
  constructor(
    private readonly now: () => number,
    tenantReach: Reach,
  ) {
    super();
    this.providers = new SamlProviders(now, tenantReach);
  }

  override async start(at: SamlClient, isFresh: boolean): Promise<SsoStart> {
    try {
      const provider = await this.providers.of(at.profile);
      const id = `_${randomBytes(20).toString('hex')}`;
      const state = randomBytes(32).toString('base64url');
      const how = { generateUniqueId: () => id, forceAuthn: isFresh };
      const url = await library(at, provider, how).getAuthorizeUrlAsync(state, undefined, {});
      const askedAt = new Date(this.now()).toISOString();
      const checks = { requestId: id, askedAt, ...(isFresh ? { freshSince: askedAt } : {}) };
      return { kind: 'redirect', url, state, checks };
    } catch (error) {
      return { kind: 'unavailable', reason: samlReason(error) };
    }
  }

  override async finish(at: SamlClient, answer: string, asked: SsoAsked | null): Promise<SsoFinish> {
    let provider: SamlProvider;
    try {
      provider = await this.providers.of(at.profile);
    } catch (error) {
      return { kind: 'unavailable', reason: samlReason(error) };
    }
    try {
      return await this.judge(at, provider, answer, asked);
    } catch (error) {
      return { kind: 'refused', reason: samlReason(error) };
    }
  }

  override async signOutUrl(at: SamlClient, session: SsoSessionHint): Promise<string | null> {
    const provider = await this.providers.of(at.profile).catch(() => null);
    if (provider?.signOutUrl === null || provider === null) return null;
    const logoutUrl = provider.signOutUrl;
    return library(at, provider, { logoutUrl }).getLogoutUrlAsync(logoutUser(session), '', {});
  }

  override check(at: SamlClient): Promise<readonly SsoFinding[]> {
    return checkSaml(at, this.providers, new Date(this.now()));
  }

  override makeKey(): Promise<SamlKey> {
    return makeSelfSigned('whisper', new Date(this.now()));
  }

  override describe(at: SamlSide): string {
    return ownMetadata(at);
  }

  override async readLogout(at: SamlClient, message: SamlLogoutMessage): Promise<SamlLogoutOrder | string> {
    try {
      const provider = await this.providers.of(at.profile);
      const verify = (SAMLRequest: string) => library(at, provider).validatePostRequestAsync({ SAMLRequest });
      return await readLogoutRequest({ client: at, provider, now: new Date(this.now()), verify }, message);
    } catch (error) {
      return samlReason(error);
    }
  }

  override async logoutAnswerUrl(at: SamlClient, order: SamlLogoutOrder): Promise<string | null> {
    const provider = await this.providers.of(at.profile).catch(() => null);
    const logoutUrl = provider?.signOutAnswerUrl ?? null;
    if (provider === null || logoutUrl === null) return null;
    const request = { ID: order.requestId, issuer: '', nameID: '', nameIDFormat: '' };
    return library(at, provider, { logoutUrl }).getLogoutResponseUrlAsync(request, order.relayState ?? '', {}, true);
  }

  private async judge(
    at: SamlClient,
    provider: SamlProvider,
    answer: string,
    asked: SsoAsked | null,
  ): Promise<SsoFinish> {
    const expected = this.expectationsOf(at, provider, asked);
    const response = await readResponse(answer, { keys: at.keys, mustEncrypt: at.profile.encryption === 'required' });
    judgeResponse(response.root, expected);
    const assertion = await this.verify(at, provider, answer, { response, expected });
    judgeAssertion(assertion, expected);
    const { id, nameId, issuedAt } = assertion;
    if (nameId === null || id === null) throw new SamlRefused('subject_missing');
    const claims = samlClaimsOf(at.profile, assertion, nameId);
    const { freshSince } = asked?.checks ?? {};
    const stale = freshSince === undefined ? null : whyStale(claims.authenticatedAt, new Date(freshSince));
    if (stale !== null) throw new SamlRefused(stale.code, stale.detail);
    // Later it would be too old, so that it need not be remembered.
    const until = new Date(Date.parse(issuedAt ?? '') + longestWayMs + 2 * skewMs);
    const once = { id: `saml:${provider.entityId}:${id}`, until };
    return { kind: 'proven', claims, once, refreshToken: null };
  }

  private expectationsOf(at: SamlClient, provider: SamlProvider, asked: SsoAsked | null): SamlExpectations {
    const { requestId, askedAt } = asked?.checks ?? {};
    if (asked !== null && (requestId === undefined || askedAt === undefined))
      throw new SamlRefused('in_response_to_wrong', 'nothing to check by');
    if (asked === null && !at.profile.idpInitiated)
      throw new SamlRefused('unsolicited', 'this connection takes no sign-in that nobody here asked for');
    return {
      issuer: provider.entityId,
      audience: at.entityId,
      recipient: at.acsUrl,
      request: asked === null ? null : { id: requestId ?? '', askedAt: new Date(askedAt ?? '') },
      now: new Date(this.now()),
    };
  }

  /** A signature that fits no certificate may be one of a certificate that is new: the description is read once more. */
  private async verify(
    at: SamlClient,
    provider: SamlProvider,
    answer: string,
    by: { readonly response: SamlResponse; readonly expected: SamlExpectations },
  ): Promise<SamlAssertion> {
    try {
      return await verified(at, provider, answer, by);
    } catch (error) {
      const renewed = isWrongSignature(error) ? await this.providers.renewed(at.profile) : null;
      if (renewed === null || renewed.entityId !== provider.entityId) throw error;
      return verified(at, renewed, answer, by);
    }
  }
}

async function verified(
  at: SamlClient,
  provider: SamlProvider,
  SAMLResponse: string,
  { response, expected }: { readonly response: SamlResponse; readonly expected: SamlExpectations },
): Promise<SamlAssertion> {
  const asked = expected.request;
  const requests: CacheProvider = {
    ...noRequests,
    getAsync: (id) => Promise.resolve(id === asked?.id ? new Date().toISOString() : null),
  };
  const { profile } = await library(at, provider, {
    validateInResponseTo: asked === null ? ValidateInResponseTo.never : ValidateInResponseTo.always,
    cacheProvider: requests,
    ...(response.openedBy === null ? {} : { decryptionPvk: response.openedBy.privateKey }),
  }).validatePostResponseAsync({ SAMLResponse });
  const xml = profile?.getAssertionXml?.();
  if (xml === undefined) throw new SamlRefused('signature_wrong', 'nothing in it is verified');
  return readAssertion(xml);
}

/** Periods are judged by saml-rules.ts, by the platform's clock: the library is told to leave them alone (-1). */
function library(at: SamlClient, provider: SamlProvider, more: Partial<SamlConfig> = {}): SAML {
  const [key] = at.keys;
  if (key === undefined) throw new SamlRefused('own_key_missing');
  return new SAML({
    issuer: at.entityId,
    callbackUrl: at.acsUrl,
    // Ours says which one it was (saml-rules.ts); the library's stumbles over an assertion without conditions.
    audience: false,
    entryPoint: provider.signOnUrl,
    idpCert: [...provider.certificates],
    idpIssuer: provider.entityId,
    privateKey: key.privateKey,
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    identifierFormat: null,
    disableRequestedAuthnContext: true,
    acceptedClockSkewMs: -1,
    // Either is enough, and at least one is asked for: providers differ in which they sign.
    wantAuthnResponseSigned: false,
    wantAssertionsSigned: false,
    validateInResponseTo: ValidateInResponseTo.never,
    cacheProvider: noRequests,
    ...more,
  });
}

function isWrongSignature(error: unknown): boolean {
  return error instanceof Error && !(error instanceof SamlRefused) && /signature/i.test(error.message);
}

/** Why it failed, for the audit log and the admin: our codes, or the library's words. */
function samlReason(error: unknown): string {
  if (error instanceof SamlRefused) return error.message;
  const words = describeError(error).slice(0, 200);
  return isWrongSignature(error)
    ? `signature_wrong: no certificate of the provider fits (${words})`
    : `not_accepted: ${words}`;
}
