import type { AuditStores } from '#libs/governance/ports/audit-store.js';
import type { TenancyStores } from '#libs/tenancy/ports/setting-store.js';
import type { AttemptStore } from './attempt-store.js';
import type { DirectoryGroupStore, DirectoryUserStore } from './directory-store.js';
import type { KeyStore } from './key-store.js';
import type { LinkStore } from './link-store.js';
import type { PasskeyStore } from './passkey-store.js';
import type { PeopleStore } from './people-store.js';
import type { SignInSessionStore } from './sign-in-session-store.js';
import type { SamlKeyStore } from './saml-key-store.js';
import type { RecoveryCodeStore } from './recovery-code-store.js';
import type { RecheckStore } from './recheck-store.js';
import type { ReplayStore } from './replay-store.js';
import type { RoleStore } from './role-store.js';
import type { ScimTokenStore } from './scim-token-store.js';
import type { SignInTicketStore } from './sign-in-ticket-store.js';
import type { SsoRequestStore } from './sso-request-store.js';
import type { SsoTestStore } from './sso-test-store.js';
import type { TotpFactorStore } from './totp-factor-store.js';

/** The stores of identity, and the settings and the audit log they write to in the same transaction. */
export interface IdentityStores extends AuditStores, TenancyStores {
  readonly people: PeopleStore;
  readonly roles: RoleStore;
  readonly directoryUsers: DirectoryUserStore;
  readonly directoryGroups: DirectoryGroupStore;
  readonly scimTokens: ScimTokenStore;
  readonly passkeys: PasskeyStore;
  readonly links: LinkStore;
  readonly signInSessions: SignInSessionStore;
  readonly signInTickets: SignInTicketStore;
  readonly totpFactors: TotpFactorStore;
  readonly recoveryCodes: RecoveryCodeStore;
  readonly keys: KeyStore;
  readonly ssoRequests: SsoRequestStore;
  readonly ssoTests: SsoTestStore;
  readonly samlKeys: SamlKeyStore;
  readonly rechecks: RecheckStore;
  readonly replays: ReplayStore;
  readonly attempts: AttemptStore;
}
