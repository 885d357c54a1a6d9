import type { EntityManager } from 'typeorm';
import type { AllStores } from './stores/all-stores.js';
import { PostgresAttemptStore } from './stores/postgres-attempt-store.js';
import { PostgresAuditStore } from './stores/postgres-audit-store.js';
import { PostgresConversationStore } from './stores/postgres-conversation-store.js';
import { PostgresDirectoryGroupStore } from './stores/postgres-directory-group-store.js';
import { PostgresDirectoryUserStore } from './stores/postgres-directory-user-store.js';
import { PostgresGenerationStore } from './stores/postgres-generation-store.js';
import { PostgresKeyStore } from './stores/postgres-key-store.js';
import { PostgresLinkStore } from './stores/postgres-link-store.js';
import { PostgresPasskeyStore } from './stores/postgres-passkey-store.js';
import { PostgresPeopleStore } from './stores/postgres-people-store.js';
import { PostgresRecheckStore } from './stores/postgres-recheck-store.js';
import { PostgresRecoveryCodeStore } from './stores/postgres-recovery-code-store.js';
import { PostgresReplayStore } from './stores/postgres-replay-store.js';
import { PostgresSamlKeyStore } from './stores/postgres-saml-key-store.js';
import { PostgresRoleStore } from './stores/postgres-role-store.js';
import { PostgresScimTokenStore } from './stores/postgres-scim-token-store.js';
import { PostgresSettingStore } from './stores/postgres-setting-store.js';
import { PostgresSignInSessionStore } from './stores/postgres-sign-in-session-store.js';
import { PostgresSignInTicketStore } from './stores/postgres-sign-in-ticket-store.js';
import { PostgresSsoRequestStore } from './stores/postgres-sso-request-store.js';
import { PostgresSsoTestStore } from './stores/postgres-sso-test-store.js';
import { PostgresTotpFactorStore } from './stores/postgres-totp-factor-store.js';
import { PostgresUsageReportStore } from './stores/postgres-usage-report-store.js';
import { PostgresUsageStore } from './stores/postgres-usage-store.js';

/** The stores of one unit of work. */
export function openStores(manager: EntityManager): AllStores {
  return {
    settings: new PostgresSettingStore(manager),
    conversations: new PostgresConversationStore(manager),
    generations: new PostgresGenerationStore(manager),
    usage: new PostgresUsageStore(manager),
    people: new PostgresPeopleStore(manager),
    roles: new PostgresRoleStore(manager),
    directoryUsers: new PostgresDirectoryUserStore(manager),
    directoryGroups: new PostgresDirectoryGroupStore(manager),
    scimTokens: new PostgresScimTokenStore(manager),
    passkeys: new PostgresPasskeyStore(manager),
    links: new PostgresLinkStore(manager),
    signInSessions: new PostgresSignInSessionStore(manager),
    signInTickets: new PostgresSignInTicketStore(manager),
    totpFactors: new PostgresTotpFactorStore(manager),
    recoveryCodes: new PostgresRecoveryCodeStore(manager),
    keys: new PostgresKeyStore(manager),
    ssoRequests: new PostgresSsoRequestStore(manager),
    ssoTests: new PostgresSsoTestStore(manager),
    samlKeys: new PostgresSamlKeyStore(manager),
    rechecks: new PostgresRecheckStore(manager),
    replays: new PostgresReplayStore(manager),
    attempts: new PostgresAttemptStore(manager),
    audit: new PostgresAuditStore(manager),
    usageReports: new PostgresUsageReportStore(manager),
  };
}
