import type { Provider } from '@nestjs/common';
import { AdminHandover } from '#libs/identity/app/admin-handover.js';
import { AuditLog } from '#libs/identity/app/audit-log.js';
import { AuthenticateKey } from '#libs/identity/app/authenticate-key.js';
import { AuthenticateSession } from '#libs/identity/app/authenticate-session.js';
import { ExpireSignIns } from '#libs/identity/app/expire-sign-ins.js';
import type { IdentityParts } from '#libs/identity/app/identity-parts.js';
import { IssueOwnerLink } from '#libs/identity/app/issue-owner-link.js';
import { type IssuedLink, LinkMaker } from '#libs/identity/app/link-maker.js';
import { ManageInvitations } from '#libs/identity/app/manage-invitations.js';
import { type CreatedKey, ManageKeys } from '#libs/identity/app/manage-keys.js';
import { ManagePeople } from '#libs/identity/app/manage-people.js';
import { OwnAccount } from '#libs/identity/app/own-account.js';
import { RevocationNotices } from '#libs/identity/app/revocation-notices.js';
import { SessionOpener } from '#libs/identity/app/session-opener.js';
import { SignInThrottle } from '#libs/identity/app/sign-in-throttle.js';
import { SignInWithOidc } from '#libs/identity/app/sign-in-with-oidc.js';
import { SignInWithPassword } from '#libs/identity/app/sign-in-with-password.js';
import { UseLink } from '#libs/identity/app/use-link.js';
import type { KeyAuthenticator } from '#libs/identity/ports/key-authenticator.js';
import type { SessionAuthenticator } from '#libs/identity/ports/session-authenticator.js';
import { Argon2Passwords } from '#libs/signin/argon2-passwords.js';
import { OpenIdConnector } from '#libs/signin/oidc.js';
import { PrometheusSignInTelemetry, signInMetrics } from '#libs/telemetry/sign-in-metrics.js';
import type { Role, Tenant } from '#libs/tenancy/domain/tenant.js';
import { Clock } from '#libs/kernel/clock.js';
import type { TenantId } from '#libs/kernel/ids.js';
import type { Foundation } from './foundation.js';

/** Identity, ready to be served by both faces and to be called by the command line. */
export interface Identity {
  /** For ChatModule and AdminModule. */
  readonly providers: readonly Provider[];
  readonly sessionAuthenticator: SessionAuthenticator;
  readonly keyAuthenticator: KeyAuthenticator;
  /** A new owner link at the tenant's primary host. */
  issueOwnerLink(tenant: Tenant): Promise<IssuedLink>;
  inviteByCli(tenant: Tenant, wanted: { email: string; role: Role }): Promise<IssuedLink>;
  createKeyByCli(tenant: Tenant, name: string): Promise<CreatedKey>;
  /** Handler of the job `sign-in.expire`. */
  expireSignIns(tenant: TenantId): Promise<void>;
}

/** What identity needs of the foundation. */
export type IdentityFoundation = Pick<
  Foundation,
  'sessions' | 'metrics' | 'clock' | 'ids' | 'bus' | 'directory' | 'secrets' | 'addresses' | 'onClose'
>;

/** Builds identity from the foundation. */
export function composeIdentity(foundation: IdentityFoundation): Identity {
  const { sessions, clock, ids, directory, secrets, addresses: origins } = foundation;
  const audit = new AuditLog(sessions, clock, ids);
  const telemetry = new PrometheusSignInTelemetry(signInMetrics(foundation.metrics));
  const notices = new RevocationNotices(foundation.bus);
  const parts: IdentityParts = { sessions, clock, ids, audit, notices, telemetry };
  const opener = new SessionOpener(parts);
  const throttle = new SignInThrottle(parts);
  const hasher = new Argon2Passwords(ids.secret(32));
  const links = new LinkMaker(parts);
  const connector = new OpenIdConnector(() => clock.now().getTime());
  const sessionAuthenticator = new AuthenticateSession(parts);
  const keyAuthenticator = new AuthenticateKey(parts, directory);
  foundation.onClose(() => sessionAuthenticator.close());
  foundation.onClose(() => keyAuthenticator.close());
  const invitations = new ManageInvitations(parts, links, origins);
  const keys = new ManageKeys(parts);
  const ownerLinks = new IssueOwnerLink(parts, links, origins);
  const provided: [unknown, unknown][] = [
    [Clock, clock],
    [AuditLog, audit],
    [SignInWithPassword, new SignInWithPassword(parts, opener, throttle, hasher)],
    [SignInWithOidc, new SignInWithOidc(parts, opener, { connector, secrets, origins })],
    [UseLink, new UseLink(parts, opener, throttle, hasher)],
    [AdminHandover, new AdminHandover(parts, opener, links, origins)],
    [OwnAccount, new OwnAccount(parts, throttle, hasher)],
    [ManagePeople, new ManagePeople(parts, links, origins)],
    [ManageInvitations, invitations],
    [ManageKeys, keys],
  ];
  const expire = new ExpireSignIns(parts);
  return {
    providers: provided.map(([provide, useValue]) => ({ provide, useValue }) as Provider),
    sessionAuthenticator,
    keyAuthenticator,
    issueOwnerLink: (tenant) => ownerLinks.issue(tenant),
    inviteByCli: (tenant, wanted) => invitations.inviteByCli(tenant, wanted),
    createKeyByCli: (tenant, name) => keys.createByCli(tenant, name),
    expireSignIns: (tenant) => expire.run(tenant),
  };
}
