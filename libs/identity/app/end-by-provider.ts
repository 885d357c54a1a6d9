import { AppError } from '#libs/kernel/errors.js';
import { identityProviderOf } from '#libs/tenancy/domain/sso-profile.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import type { SignInSession } from '../domain/sign-in-session.js';
import type { Visitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { LogoutOrder, OidcConnector } from '../ports/oidc-connector.js';
import type { ProviderSignOut } from '../ports/sign-in-session-store.js';
import type { IdentityParts } from './identity-parts.js';
import type { SsoClients } from './sso-clients.js';

/** Ends sessions because the identity provider has ended its own: back-channel logout. */
export class EndByProvider {
  constructor(
    private readonly parts: IdentityParts,
    private readonly clients: SsoClients,
    private readonly profiles: TenantProfiles,
    private readonly oidc: OidcConnector,
  ) {}

  /**
   * Obeys a logout token of OpenID Connect's back channel, once.
   * @throws {AppError} bad_request for one that is not our provider's or was used; the audit log says why
   */
  async byLogoutToken(visitor: Visitor, token: string): Promise<void> {
    const profile = identityProviderOf((await this.profiles.effective(visitor.tenant)).sso);
    if (profile?.type !== 'oidc') return this.refuse(visitor, 'no OpenID Connect provider');
    const client = await this.clients.oidcClient(visitor, profile);
    const order = typeof client === 'string' ? client : await this.oidc.readLogoutToken(client, token);
    if (typeof order === 'string') return this.refuse(visitor, order);
    const connection = `oidc:${profile.issuer}`;
    const isNew = await this.obey(visitor, { ...order, connection }, order);
    if (!isNew) return this.refuse(visitor, 'logout token used before');
  }

  /** False when the order was obeyed before. The admin pages' sessions of the same people end, too. */
  private async obey(visitor: Visitor, wanted: ProviderSignOut, order: LogoutOrder): Promise<boolean> {
    const now = this.parts.clock.now();
    const ended = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      if (!(await stores.replays.use(`logout:${order.tokenId}`, order.expiresAt))) return null;
      const sessions = await stores.signInSessions.revokeByProvider(wanted, now);
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

  private async refuse(visitor: Visitor, reason: string): Promise<never> {
    await this.parts.audit.refuse(visitor.tenant.id, visitor, {
      action: 'session.end',
      reason: `back channel: ${reason}`,
      actor: { kind: 'system', id: null, name: 'identity provider' },
    });
    throw new AppError('bad_request', 'The logout token is not accepted.', { field: 'logout_token' });
  }
}
