import { AppError } from '#libs/kernel/errors.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import type { SignInSession } from '../domain/sign-in-session.js';
import type { Visitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { SamlConnector, SamlLogoutMessage } from '../ports/saml-connector.js';
import type { OidcConnector } from '../ports/oidc-connector.js';
import type { ProviderSignOut } from '../ports/sign-in-session-store.js';
import type { IdentityParts } from './identity-parts.js';
import { providerInForce } from './provider-in-force.js';
import type { SsoClients } from './sso-clients.js';

/** Ends sessions because the identity provider has ended its own: back-channel logout and SAML's single logout. */
export class EndByProvider {
  constructor(
    private readonly parts: IdentityParts,
    private readonly clients: SsoClients,
    private readonly profiles: TenantProfiles,
    private readonly connectors: { readonly oidc: OidcConnector; readonly saml: SamlConnector },
  ) {}

  /**
   * Obeys a logout token of OpenID Connect's back channel, once.
   * @throws {AppError} bad_request for one that is not our provider's or was used; the audit log says why
   */
  async byLogoutToken(visitor: Visitor, token: string): Promise<void> {
    const profile = await providerInForce(this.profiles, visitor.tenant);
    const refuse = (reason: string) => this.refuse(visitor, `back channel: ${reason}`, 'logout_token');
    if (profile?.type !== 'oidc') return refuse('no OpenID Connect provider');
    const client = await this.clients.oidcClient(visitor, profile);
    const order = typeof client === 'string' ? client : await this.connectors.oidc.readLogoutToken(client, token);
    if (typeof order === 'string') return refuse(order);
    const connection = `oidc:${profile.issuer}`;
    const isNew = await this.obey(visitor, [{ ...order, connection }], { id: `logout:${order.tokenId}`, ...order });
    if (!isNew) return refuse('logout token used before');
  }

  /**
   * Obeys a LogoutRequest of a SAML provider, once.
   * @returns where the browser brings the answer; null where the provider takes none
   * @throws {AppError} bad_request for one that is not our provider's or was used; the audit log says why
   */
  async bySamlLogout(visitor: Visitor, message: SamlLogoutMessage): Promise<string | null> {
    const profile = await providerInForce(this.profiles, visitor.tenant);
    const refuse = (reason: string) => this.refuse(visitor, `single logout: ${reason}`, 'SAMLRequest');
    if (profile?.type !== 'saml') return refuse('no SAML provider');
    const client = await this.clients.samlClient(visitor, profile);
    const order = await this.connectors.saml.readLogout(client, message);
    if (typeof order === 'string') return refuse(order);
    const { connection, subject, providerSessions, requestId, expiresAt } = order;
    const named = providerSessions.length === 0 ? [null] : providerSessions;
    const wanted = named.map((providerSession) => ({ connection, subject, providerSession }));
    const isNew = await this.obey(visitor, wanted, { id: `logout:${connection}:${requestId}`, expiresAt });
    if (!isNew) return refuse('replayed: the order was used before');
    return this.connectors.saml.logoutAnswerUrl(client, order);
  }

  /** False when the order was obeyed before. The admin pages' sessions of the same people end, too. */
  private async obey(
    visitor: Visitor,
    wanted: readonly ProviderSignOut[],
    order: { readonly id: string; readonly expiresAt: Date },
  ): Promise<boolean> {
    const now = this.parts.clock.now();
    const ended = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      if (!(await stores.replays.use(order.id, order.expiresAt))) return null;
      const found = await Promise.all(wanted.map((one) => stores.signInSessions.revokeByProvider(one, now)));
      const sessions = found.flat();
      const admin = await this.endAdmin(stores, sessions, now);
      for (const session of sessions) await this.log(stores, visitor, session);
      return [...sessions.map(({ id }) => id), ...admin];
    });
    if (ended === null) return false;
    this.parts.notices.sessions(visitor.tenant.id, { ended });
    return true;
  }

  private async endAdmin(stores: IdentityStores, sessions: readonly SignInSession[], now: Date) {
    const people = new Set(sessions.map(({ personId }) => personId));
    const ended = await Promise.all(
      [...people].map((person) => stores.signInSessions.revokeFace(person, 'admin', now)),
    );
    return ended.flat();
  }

  private log(stores: IdentityStores, visitor: Visitor, { id, personId }: SignInSession): Promise<void> {
    return this.parts.audit.write(stores, visitor, {
      action: 'session.end',
      target: id,
      reason: `by the identity provider, of ${personId}`,
      actor: { kind: 'system', id: null, name: 'identity provider' },
    });
  }

  private async refuse(visitor: Visitor, reason: string, field: string): Promise<never> {
    await this.parts.audit.refuse(visitor.tenant.id, visitor, {
      action: 'session.end',
      reason,
      actor: { kind: 'system', id: null, name: 'identity provider' },
    });
    throw new AppError('bad_request', 'The order to sign out is not accepted.', { field });
  }
}
