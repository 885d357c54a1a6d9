import { AppError } from '#libs/kernel/errors.js';
import { userId } from '#libs/kernel/ids.js';
import type { OidcProfile } from '#libs/tenancy/domain/tenant.js';
import type { Secrets } from '#libs/tenancy/ports/secrets.js';
import { roleByGroups } from '../domain/group-roles.js';
import type { OpenedSession } from '../domain/opened-session.js';
import { losesOwner, nameFromEmail, type Person } from '../domain/person.js';
import { safeReturnTo } from '../domain/return-to.js';
import type { SsoClaims } from '../domain/sso-claims.js';
import { decideSso, type SsoDecision } from '../domain/sso-decision.js';
import { secretBytes, tokenHash } from '../domain/token-hash.js';
import type { Visitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { OidcClient, OidcConnector } from '../ports/oidc-connector.js';
import type { TenantOrigins } from '../ports/tenant-origins.js';
import type { SsoRequest } from '../ports/sso-request-store.js';
import type { IdentityParts } from './identity-parts.js';
import type { Opening, SessionOpener } from './session-opener.js';

/** How long somebody may take at the identity provider, in ms: finding a second factor takes minutes. */
export const ssoRequestMs = 10 * 60_000;
/** Where the identity provider sends the browser back to, at the host it came from. */
const callbackPath = '/api/sign-in/oidc/callback';
const browserToken = /^[A-Za-z0-9_-]{43}$/;

export interface SsoDeparture {
  readonly url: string;
  /** Ties the way back to this browser; kept in a short-lived cookie. */
  readonly browser: string;
}

export interface SsoArrival {
  readonly returnTo: string;
  readonly opened: OpenedSession;
}

interface OidcPorts {
  readonly connector: OidcConnector;
  readonly secrets: Secrets;
  readonly origins: TenantOrigins;
}

/** Signs somebody in through the organisation's identity provider. */
export class SignInWithOidc {
  constructor(
    private readonly parts: IdentityParts,
    private readonly opener: SessionOpener,
    private readonly ports: OidcPorts,
  ) {}

  /**
   * Where to send the browser.
   * @param asked `browser` is the cookie of an earlier departure: two tabs may be on their way at once
   * @throws {AppError} not_found where the organisation has no identity provider, sso_unavailable
   */
  async start(
    visitor: Visitor,
    asked: { returnTo?: string | undefined; browser: string | null },
  ): Promise<SsoDeparture> {
    const client = await this.clientOf(visitor);
    const start = await this.ports.connector.start(client);
    if (start.kind === 'unavailable') return this.unavailable(visitor, start.reason);
    const isKnown = asked.browser !== null && browserToken.test(asked.browser);
    const browser = isKnown ? (asked.browser ?? '') : this.parts.ids.secret(secretBytes);
    const createdAt = this.parts.clock.now();
    const request: SsoRequest = {
      nonce: start.checks.nonce,
      codeVerifier: start.checks.codeVerifier,
      returnTo: safeReturnTo(asked.returnTo),
      createdAt,
      expiresAt: new Date(createdAt.getTime() + ssoRequestMs),
    };
    await this.parts.sessions.run(visitor.tenant.id, ({ ssoRequests }) =>
      ssoRequests.add(request, tokenHash(start.checks.state), tokenHash(browser)),
    );
    return { url: start.url, browser };
  }

  /**
   * The browser has come back.
   * @param back `query` exactly as sent
   * @throws {AppError} sso_failed, sso_unavailable: the audit log says why, the user is not told
   */
  async finish(visitor: Visitor, back: { query: string; browser: string | null }): Promise<SsoArrival> {
    const client = await this.clientOf(visitor);
    const state = new URLSearchParams(back.query).get('state') ?? '';
    const request = await this.take(visitor, state, back.browser);
    if (request === null) return this.fail(visitor, 'request_unknown_used_or_of_another_browser');
    const { nonce, codeVerifier, returnTo } = request;
    const result = await this.ports.connector.finish(client, back.query, { state, nonce, codeVerifier });
    if (result.kind === 'unavailable') return this.unavailable(visitor, result.reason);
    if (result.kind === 'refused') return this.fail(visitor, result.reason);
    return { returnTo, opened: await this.enter(visitor, client.profile, result.claims) };
  }

  private async clientOf(visitor: Visitor): Promise<OidcClient> {
    const { slug, manifest } = visitor.tenant;
    const profile = manifest.sso;
    if (profile === null) throw new AppError('not_found', 'This organisation has no identity provider.');
    const redirectUri = `${this.ports.origins.at(visitor.tenantHost).chat}${callbackPath}`;
    const ref = profile.clientSecretRef;
    if (ref === null) return { profile, redirectUri, secret: null };
    const secret = await this.ports.secrets.read(slug, ref);
    if (secret === null)
      return this.unavailable(visitor, `client secret is not at ${this.ports.secrets.whereIs(slug, ref)}`);
    return { profile, redirectUri, secret };
  }

  private take(visitor: Visitor, state: string, browser: string | null): Promise<SsoRequest | null> {
    if (state === '' || browser === null) return Promise.resolve(null);
    return this.parts.sessions.run(visitor.tenant.id, ({ ssoRequests }) =>
      ssoRequests.take(tokenHash(state), tokenHash(browser), this.parts.clock.now()),
    );
  }

  private async enter(visitor: Visitor, profile: OidcProfile, claims: SsoClaims): Promise<OpenedSession> {
    const done = await this.parts.sessions.run(visitor.tenant.id, async (stores): Promise<Opening | string> => {
      const mappedRole = roleByGroups(profile.groupRoles, claims.groups);
      const decision = await this.decide(stores, visitor, claims, mappedRole);
      if (decision.kind === 'refuse') return decision.reason;
      const known = await this.personOf(stores, visitor, claims, decision);
      const person = await this.follow(stores, visitor, known, { role: mappedRole, name: claims.name });
      return this.opener.open(stores, visitor, person, { face: 'chat', method: 'oidc' });
    });
    if (typeof done === 'string') return this.fail(visitor, done, `${claims.connection} ${claims.subject}`);
    this.parts.notices.sessions(visitor.tenant.id, { people: [done.opened.identity.personId] });
    return this.opener.publish(visitor, done);
  }

  private async decide(
    stores: IdentityStores,
    visitor: Visitor,
    claims: SsoClaims,
    mappedRole: Person['role'] | null,
  ): Promise<SsoDecision> {
    const linked = await stores.people.bySubject(claims.connection, claims.subject);
    const sameEmail = claims.email === null ? null : await stores.people.byEmail(claims.email);
    return decideSso({
      claims,
      linked,
      sameEmail,
      mappedRole,
      signedInAs: visitor.session?.personId ?? null,
      ownerEmail: visitor.tenant.manifest.ownerEmail.toLowerCase(),
      hasOwner: (await stores.people.otherOwners(null)) > 0,
    });
  }

  private async personOf(
    stores: IdentityStores,
    visitor: Visitor,
    claims: SsoClaims,
    decision: Exclude<SsoDecision, { kind: 'refuse' }>,
  ): Promise<Person> {
    if (decision.kind === 'sign-in') return decision.person;
    const now = this.parts.clock.now();
    const person = decision.kind === 'link' ? decision.person : this.newPerson(claims, decision, now);
    if (decision.kind === 'create') await stores.people.add(person);
    await stores.people.addSubject(claims.connection, claims.subject, person.id, now);
    await this.parts.audit.write(stores, visitor, {
      action: decision.kind === 'link' ? 'identity.link' : 'person.create',
      target: person.id,
      reason: claims.connection,
      actor: { kind: 'person', id: person.id, name: person.email },
    });
    return person;
  }

  private newPerson(claims: SsoClaims, decision: { email: string; role: Person['role'] }, now: Date): Person {
    return {
      id: userId(this.parts.ids.next()),
      email: decision.email,
      name: claims.name ?? nameFromEmail(decision.email),
      role: decision.role,
      state: 'active',
      passwordHash: null,
      createdAt: now,
      lastSeenAt: null,
    };
  }

  /** Name and role follow the identity provider at each sign-in; the last owner stays one. */
  private async follow(
    stores: IdentityStores,
    visitor: Visitor,
    person: Person,
    told: { readonly role: Person['role'] | null; readonly name: string | null },
  ): Promise<Person> {
    const wanted = { ...person, role: told.role ?? person.role, name: told.name ?? person.name };
    const keepsOwner = losesOwner(person, wanted) && (await stores.people.otherOwners(person.id)) === 0;
    const next = keepsOwner ? { ...wanted, role: person.role } : wanted;
    if (next.role !== person.role || keepsOwner)
      await this.parts.audit.write(stores, visitor, {
        action: 'person.change',
        target: person.id,
        outcome: keepsOwner ? 'refused' : 'success',
        reason: keepsOwner ? 'last_owner' : `role ${next.role} by group`,
        actor: { kind: 'system', id: null, name: 'identity provider' },
      });
    if (next.role !== person.role || next.name !== person.name) await stores.people.save(next);
    return next;
  }

  private async fail(visitor: Visitor, reason: string, target: string | null = null): Promise<never> {
    this.parts.telemetry.signIn('oidc', 'refused');
    await this.parts.audit.refuse(visitor.tenant.id, visitor, {
      action: 'session.create',
      target,
      reason: `sso: ${reason}`,
    });
    throw new AppError('sso_failed', 'The sign-in at your identity provider was not accepted.');
  }

  private async unavailable(visitor: Visitor, reason: string): Promise<never> {
    this.parts.telemetry.signIn('oidc', 'unavailable');
    await this.parts.audit.refuse(visitor.tenant.id, visitor, { action: 'session.create', reason: `sso: ${reason}` });
    throw new AppError('sso_unavailable', 'Your identity provider cannot be reached.');
  }
}
