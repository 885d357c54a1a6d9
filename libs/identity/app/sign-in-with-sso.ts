import { pagePaths } from '#libs/contracts/page-paths.js';
import { AppError } from '#libs/kernel/errors.js';
import type { SessionId } from '#libs/kernel/ids.js';
import type { SsoProfile } from '#libs/tenancy/domain/sso-profile.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import type { OpenedSession } from '../domain/opened-session.js';
import { safeReturnTo } from '../domain/return-to.js';
import type { SsoTest, SsoTestOutcome } from '../domain/sso-test.js';
import { secretBytes, tokenHash } from '../domain/token-hash.js';
import type { Visitor } from '../domain/visitor.js';
import type { SsoAsked, SsoFinish } from '../ports/sso-connector.js';
import type { SsoRequest } from '../ports/sso-request-store.js';
import { identityOf } from './authenticate-session.js';
import type { IdentityParts } from './identity-parts.js';
import { heldRole } from './role-abilities.js';
import { providerInForce } from './provider-in-force.js';
import { standingSession } from './session-limits.js';
import type { BoundConnector, SsoClients } from './sso-clients.js';
import type { SsoEntry, SsoProof } from './sso-entry.js';

/** How long somebody may take at the identity provider, in ms: finding a second factor takes minutes. */
export const ssoRequestMs = 10 * 60_000;
const browserToken = /^[A-Za-z0-9_-]{43}$/;

export interface SsoDeparture {
  readonly url: string;
  readonly type: SsoProfile['type'];
  /** Ties the way back to this browser; kept in a short-lived cookie. */
  readonly browser: string;
}

/** `opened` is null where a connection was tested, which opens nothing. */
export interface SsoArrival {
  readonly returnTo: string;
  readonly opened: OpenedSession | null;
}

/** What the browser brings back. */
export interface SsoReturn {
  readonly type: SsoProfile['type'];
  readonly state: string;
  /** Exactly as sent: the query, or the form. */
  readonly answer: string;
  readonly browser: string | null;
}

/** What is wanted of a way through the identity provider. */
interface Departing {
  readonly returnTo?: string | undefined;
  readonly isFresh: boolean;
  readonly browser: string | null;
  readonly test: SsoTest | null;
}

/** Signs somebody in through the organisation's identity provider. */
export class SignInWithSso {
  constructor(
    private readonly parts: IdentityParts,
    private readonly entry: SsoEntry,
    private readonly clients: SsoClients,
    private readonly profiles: TenantProfiles,
  ) {}

  /**
   * Where to send the browser.
   * @param asked `isFresh`: for a new proof of who somebody is, whoever is signed in here; `browser` is the cookie of an earlier departure: two tabs may be on their way at once
   * @throws {AppError} not_found where the organisation has no identity provider, sso_unavailable
   */
  async start(
    visitor: Visitor,
    asked: { returnTo?: string | undefined; isFresh: boolean; browser: string | null },
  ): Promise<SsoDeparture> {
    const profile = await this.profileOf(visitor);
    return this.depart(visitor, profile, { ...asked, test: null });
  }

  /**
   * Begins the test that an admin has asked for.
   * @throws {AppError} link_invalid, sso_unavailable
   */
  async startTest(visitor: Visitor, asked: { ticket: string; browser: string | null }): Promise<SsoDeparture> {
    const test = await this.parts.sessions.run(visitor.tenant.id, ({ ssoTests }) =>
      ssoTests.begin(tokenHash(asked.ticket), this.parts.clock.now()),
    );
    if (test === null) throw new AppError('link_invalid', 'This test has begun already, or is too old.');
    return this.depart(visitor, test.profile, {
      browser: asked.browser,
      returnTo: pagePaths.signInTested,
      isFresh: false,
      test,
    });
  }

  /**
   * The browser has come back.
   * @throws {AppError} sso_failed, sso_unavailable: the audit log says why, the user is not told
   */
  async finish(visitor: Visitor, back: SsoReturn): Promise<SsoArrival> {
    const request = await this.take(visitor, back);
    if (request === null) return this.finishUnasked(visitor, back);
    const test = request.testId === null ? null : await this.testOf(visitor, request.testId);
    // Without it the way back of a test would open a session through the connection in force.
    if (request.testId !== null && test === null) return this.entry.fail(visitor, back.type, 'test_is_over');
    const profile = test?.profile ?? (await this.profileOf(visitor));
    if (profile.type !== back.type) return this.entry.fail(visitor, back.type, 'connection_changed_meanwhile');
    const returning = await this.resumed(visitor, request);
    const result = await this.finishAt(visitor, profile, back, { state: back.state, checks: request.checks });
    if (test !== null) return this.finishTest(returning, test, result);
    const proof = await this.proven(returning, profile, result);
    const opened = await (request.isFresh && request.sessionId !== null
      ? this.confirm(returning, profile, proof, request.sessionId)
      : this.entry.enter(returning, profile, proof));
    return { returnTo: request.returnTo, opened };
  }

  /** A SAML provider may begin by itself, where the connection says so; then it has no state of ours to bring back. */
  private async finishUnasked(visitor: Visitor, back: SsoReturn): Promise<SsoArrival> {
    const profile = back.type === 'saml' && back.state === '' ? await this.profileOf(visitor) : null;
    if (profile?.type !== 'saml')
      return this.entry.fail(visitor, back.type, 'request_unknown_used_or_of_another_browser');
    const result = await this.finishAt(visitor, profile, back, null);
    const proof = await this.proven(visitor, profile, result);
    return { returnTo: '/', opened: await this.entry.enter(visitor, profile, proof) };
  }

  private async proven(visitor: Visitor, profile: SsoProfile, result: SsoFinish): Promise<SsoProof> {
    if (result.kind === 'unavailable') return this.entry.unavailable(visitor, profile.type, result.reason);
    if (result.kind === 'refused') return this.entry.fail(visitor, profile.type, result.reason);
    return result;
  }

  /** Somebody who was signed in when they set out has to come back as the same. */
  private async confirm(
    visitor: Visitor,
    profile: SsoProfile,
    proof: SsoProof,
    sessionId: SessionId,
  ): Promise<OpenedSession> {
    const { session } = visitor;
    if (session?.sessionId !== sessionId) return this.entry.fail(visitor, profile.type, 'session_over_meanwhile');
    return this.entry.confirm({ ...visitor, session }, profile, proof);
  }

  /** With the session that the very same browser had when it set out, where its cookie did not come back. */
  private async resumed(visitor: Visitor, { sessionId }: SsoRequest): Promise<Visitor> {
    if (visitor.session !== null || sessionId === null) return visitor;
    const session = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const found = await standingSession(stores, visitor.tenant, sessionId, this.parts.clock);
      if (found === null) return null;
      const person = await stores.people.byId(found.personId);
      return person?.state === 'active' ? identityOf(found, person, await heldRole(stores, person)) : null;
    });
    return { ...visitor, session };
  }

  private async profileOf(visitor: Visitor): Promise<SsoProfile> {
    const profile = await providerInForce(this.profiles, visitor.tenant);
    if (profile === null) throw new AppError('not_found', 'This organisation has no identity provider.');
    return profile;
  }

  private async depart(visitor: Visitor, profile: SsoProfile, asked: Departing): Promise<SsoDeparture> {
    const connector = await this.clients.bind(visitor, profile);
    const start =
      typeof connector === 'string'
        ? { kind: 'unavailable' as const, reason: connector }
        : await connector.start(asked.isFresh);
    if (start.kind === 'unavailable') return this.notStarted(visitor, profile, start.reason, asked.test);
    const isKnown = asked.browser !== null && browserToken.test(asked.browser);
    const browser = isKnown ? (asked.browser ?? '') : this.parts.ids.secret(secretBytes);
    const createdAt = this.parts.clock.now();
    const request: SsoRequest = {
      checks: start.checks,
      returnTo: safeReturnTo(asked.returnTo),
      testId: asked.test?.id ?? null,
      sessionId: visitor.session?.sessionId ?? null,
      isFresh: asked.isFresh,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + ssoRequestMs),
    };
    await this.parts.sessions.run(visitor.tenant.id, ({ ssoRequests }) =>
      ssoRequests.add(request, tokenHash(start.state), tokenHash(browser)),
    );
    return { url: start.url, type: profile.type, browser };
  }

  private async notStarted(
    visitor: Visitor,
    profile: SsoProfile,
    reason: string,
    test: SsoTest | null,
  ): Promise<SsoDeparture> {
    if (test !== null) await this.record(visitor, test, failedTest(reason));
    return this.entry.unavailable(visitor, profile.type, reason);
  }

  private async finishAt(
    visitor: Visitor,
    profile: SsoProfile,
    { answer }: SsoReturn,
    asked: SsoAsked | null,
  ): Promise<SsoFinish> {
    const connector: BoundConnector | string = await this.clients.bind(visitor, profile);
    if (typeof connector === 'string') return { kind: 'unavailable', reason: connector };
    return connector.finish(answer, asked);
  }

  private take(visitor: Visitor, { state, browser }: SsoReturn): Promise<SsoRequest | null> {
    if (state === '' || browser === null) return Promise.resolve(null);
    return this.parts.sessions.run(visitor.tenant.id, ({ ssoRequests }) =>
      ssoRequests.take(tokenHash(state), tokenHash(browser), this.parts.clock.now()),
    );
  }

  private testOf(visitor: Visitor, id: string): Promise<SsoTest | null> {
    return this.parts.sessions.run(visitor.tenant.id, ({ ssoTests }) => ssoTests.byId(id));
  }

  private async finishTest(visitor: Visitor, test: SsoTest, result: SsoFinish): Promise<SsoArrival> {
    const outcome =
      result.kind === 'proven' ? await this.entry.preview(visitor, test.profile, result) : failedTest(result.reason);
    await this.record(visitor, test, outcome);
    return { returnTo: pagePaths.signInTested, opened: null };
  }

  private record(visitor: Visitor, test: SsoTest, outcome: SsoTestOutcome): Promise<void> {
    return this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      await stores.ssoTests.finish(test.id, outcome);
      if (outcome.isSuccess && test.profile.namedBy === 'manifest') await this.entry.prove(stores, test.profile);
      await this.parts.audit.write(stores, visitor, {
        action: 'sso.test',
        target: test.id,
        outcome: outcome.isSuccess ? 'success' : 'refused',
        reason: outcome.reason ?? 'a sign-in would succeed',
        actor: { kind: 'system', id: null, name: test.createdBy },
      });
    });
  }
}

function failedTest(reason: string): SsoTestOutcome {
  return { isSuccess: false, reason, email: null, name: null, groups: [], role: null, received: {} };
}
