import type { Provider } from '@nestjs/common';
import { AdminHandover } from '#libs/identity/app/admin-handover.js';
import { AuditLog } from '#libs/identity/app/audit-log.js';
import { AuthenticateKey } from '#libs/identity/app/authenticate-key.js';
import { AuthenticateSession } from '#libs/identity/app/authenticate-session.js';
import { ConfirmSession } from '#libs/identity/app/confirm-session.js';
import { EndByProvider } from '#libs/identity/app/end-by-provider.js';
import { ExpireSignIns } from '#libs/identity/app/expire-sign-ins.js';
import { FinishLocalSignIn } from '#libs/identity/app/finish-local-sign-in.js';
import { LinkMaker } from '#libs/identity/app/link-maker.js';
import { LocalSignIn } from '#libs/identity/app/local-sign-in.js';
import { ManageInvitations } from '#libs/identity/app/manage-invitations.js';
import { ManageKeys } from '#libs/identity/app/manage-keys.js';
import { ManagePeople } from '#libs/identity/app/manage-people.js';
import { ManageSamlKeys } from '#libs/identity/app/manage-saml-keys.js';
import { ManageGroups } from '#libs/identity/app/manage-groups.js';
import { ManageRoles } from '#libs/identity/app/manage-roles.js';
import { ManageScim } from '#libs/identity/app/manage-scim.js';
import { ManageSso } from '#libs/identity/app/manage-sso.js';
import { OwnAccount } from '#libs/identity/app/own-account.js';
import { OwnPasskeys } from '#libs/identity/app/own-passkeys.js';
import { OwnFactorRules } from '#libs/identity/app/own-factor-rules.js';
import { OwnFactors } from '#libs/identity/app/own-factors.js';
import { ProviderSignOuts } from '#libs/identity/app/provider-sign-outs.js';
import { SamlKeyring } from '#libs/identity/app/saml-keyring.js';
import { RecheckSignIns } from '#libs/identity/app/recheck-sign-ins.js';
import { RefreshTokens } from '#libs/identity/app/refresh-tokens.js';
import { ResetFactors } from '#libs/identity/app/reset-factors.js';
import { SecondStep } from '#libs/identity/app/second-step.js';
import { SessionOpener } from '#libs/identity/app/session-opener.js';
import { SignInThrottle } from '#libs/identity/app/sign-in-throttle.js';
import { SignInWithSso } from '#libs/identity/app/sign-in-with-sso.js';
import { SsoClients } from '#libs/identity/app/sso-clients.js';
import { SsoEntry } from '#libs/identity/app/sso-entry.js';
import { SignInWithPasskey } from '#libs/identity/app/sign-in-with-passkey.js';
import { SignInWithPassword } from '#libs/identity/app/sign-in-with-password.js';
import { UseLink } from '#libs/identity/app/use-link.js';
import type { KeyAuthenticator } from '#libs/identity/ports/key-authenticator.js';
import type { SessionAuthenticator } from '#libs/identity/ports/session-authenticator.js';
import type { StepUp } from '#libs/identity/ports/step-up.js';
import { Argon2Passwords } from '#libs/signin/argon2-passwords.js';
import { NodeSamlConnector } from '#libs/signin/saml.js';
import { OpenIdConnector } from '#libs/signin/oidc.js';
import { Clock } from '#libs/kernel/clock.js';
import type { TenantId } from '#libs/kernel/ids.js';
import { composeIdentityCommands, type IdentityCommands, identityParts } from './compose-identity-commands.js';
import { composeFactors } from './compose-factors.js';
import { composeScim } from './compose-scim.js';
import type { Config } from './config.js';
import { SsoPaths } from './sso-paths.js';
import type { Foundation } from './foundation.js';

/** Identity, ready to be served by both faces and to be called by the command line. */
export interface Identity extends IdentityCommands {
  /** For ChatModule and AdminModule. */
  readonly providers: readonly Provider[];
  readonly sessionAuthenticator: SessionAuthenticator;
  readonly audit: AuditLog;
  readonly keyAuthenticator: KeyAuthenticator;
  readonly stepUp: StepUp;
  /** Handler of the job `sign-in.expire`. */
  expireSignIns(tenant: TenantId): Promise<void>;
  /** Handler of the job `sso.recheck`. */
  recheckSignIns(tenant: TenantId): Promise<void>;
}

/** What identity needs of the foundation. */
export type IdentityFoundation = Pick<
  Foundation,
  | 'sessions'
  | 'metrics'
  | 'clock'
  | 'ids'
  | 'bus'
  | 'directory'
  | 'profiles'
  | 'secrets'
  | 'sealerFor'
  | 'addresses'
  | 'onClose'
> & { readonly config: Pick<Config, 'tenantAddresses'> };

/** Builds identity from the foundation. */
export function composeIdentity(foundation: IdentityFoundation): Identity {
  const { clock, ids, directory, profiles, secrets, sealerFor, addresses: origins } = foundation;
  const parts = identityParts(foundation);
  const opener = new SessionOpener(parts);
  const throttle = new SignInThrottle(parts);
  const hasher = new Argon2Passwords(ids.secret(32));
  const links = new LinkMaker(parts);
  const oidc = new OpenIdConnector(() => clock.now().getTime(), foundation.config.tenantAddresses);
  const saml = new NodeSamlConnector(() => clock.now().getTime(), foundation.config.tenantAddresses);
  const samlKeys = new SamlKeyring(parts, sealerFor, saml);
  const clients = new SsoClients({ oidc, saml, samlKeys, secrets, origins, sealerFor });
  const tokens = new RefreshTokens(sealerFor);
  const entry = new SsoEntry(parts, opener, profiles, tokens);
  const local = new LocalSignIn(profiles, hasher);
  const secondStep = composeFactors(parts, { opener, throttle, sealerFor, origins });
  const factorRules = new OwnFactorRules(secondStep.recovery);
  const finisher = new FinishLocalSignIn(parts, opener, secondStep.factors);
  const signOuts = new ProviderSignOuts(clients, profiles, origins);
  const sessionAuthenticator = new AuthenticateSession(parts, profiles);
  const keyAuthenticator = new AuthenticateKey(parts, directory);
  foundation.onClose(() => sessionAuthenticator.close());
  foundation.onClose(() => keyAuthenticator.close());
  const provided: [unknown, unknown][] = [
    [Clock, clock],
    [AuditLog, parts.audit],
    [SignInWithPasskey, new SignInWithPasskey(parts, { opener, throttle, local }, secondStep.passkeys)],
    [OwnPasskeys, new OwnPasskeys(parts, profiles, secondStep.making, factorRules)],
    [SignInWithPassword, new SignInWithPassword(parts, throttle, local, finisher)],
    [SignInWithSso, new SignInWithSso(parts, entry, clients, profiles)],
    [ManageSso, new ManageSso(parts, { clients, profiles, origins, sealerFor })],
    [SsoPaths, new SsoPaths(origins)],
    [EndByProvider, new EndByProvider(parts, clients, profiles, { oidc, saml })],
    [SsoClients, clients],
    [ManageSamlKeys, new ManageSamlKeys(parts, samlKeys)],
    [SecondStep, new SecondStep(parts, secondStep)],
    [OwnFactors, new OwnFactors(parts, profiles, secondStep, factorRules)],
    [ResetFactors, new ResetFactors(parts)],
    [UseLink, new UseLink(parts, throttle, local, finisher)],
    [AdminHandover, new AdminHandover(parts, opener, links, origins)],
    [OwnAccount, new OwnAccount(parts, throttle, hasher, signOuts)],
    [ManagePeople, new ManagePeople(parts, links, origins)],
    [ManageRoles, new ManageRoles(parts)],
    [ManageGroups, new ManageGroups(parts)],
    [ManageScim, new ManageScim(parts, origins)],
    ...composeScim(parts, origins),
    [ManageInvitations, new ManageInvitations(parts, links, origins)],
    [ManageKeys, new ManageKeys(parts)],
    [ConfirmSession, new ConfirmSession(parts, { ...secondStep, hasher })],
  ];
  const expire = new ExpireSignIns(parts, directory);
  const recheck = new RecheckSignIns(parts, directory, { entry, clients, tokens, oidc, profiles });
  return {
    ...composeIdentityCommands(parts, foundation),
    providers: provided.map(([provide, useValue]) => ({ provide, useValue }) as Provider),
    sessionAuthenticator,
    audit: parts.audit,
    keyAuthenticator,
    stepUp: parts.stepUp,
    expireSignIns: (tenant) => expire.run(tenant),
    recheckSignIns: (tenant) => recheck.run(tenant),
  };
}
