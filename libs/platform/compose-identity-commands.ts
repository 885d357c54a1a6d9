import { AskForProof } from '#libs/identity/app/ask-for-proof.js';
import { AuditLog } from '#libs/identity/app/audit-log.js';
import type { IdentityParts } from '#libs/identity/app/identity-parts.js';
import { IssueOwnerLink } from '#libs/identity/app/issue-owner-link.js';
import { type IssuedLink, LinkMaker } from '#libs/identity/app/link-maker.js';
import { ManageInvitations } from '#libs/identity/app/manage-invitations.js';
import { type CreatedKey, ManageKeys } from '#libs/identity/app/manage-keys.js';
import { ResetFactors } from '#libs/identity/app/reset-factors.js';
import { RevocationNotices } from '#libs/identity/app/revocation-notices.js';
import { PrometheusSignInTelemetry, signInMetrics } from '#libs/telemetry/sign-in-metrics.js';
import type { Role } from '#libs/tenancy/domain/role.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Foundation } from './foundation.js';

/** What the command line does with identity. */
export interface IdentityCommands {
  /** A new owner link at the tenant's primary host. */
  issueOwnerLink(tenant: Tenant): Promise<IssuedLink>;
  inviteByCli(tenant: Tenant, wanted: { email: string; role: Role }): Promise<IssuedLink>;
  createKeyByCli(tenant: Tenant, name: string): Promise<CreatedKey>;
  resetFactorsByCli(tenant: Tenant, email: string): Promise<void>;
}

/** What that needs of the foundation. */
export type CommandsFoundation = Pick<Foundation, 'sessions' | 'metrics' | 'clock' | 'ids' | 'bus' | 'addresses'>;

/** What every use case of identity starts from. */
export function identityParts({ sessions, clock, ids, metrics, bus }: CommandsFoundation): IdentityParts {
  const audit = new AuditLog(sessions, clock, ids);
  const telemetry = new PrometheusSignInTelemetry(signInMetrics(metrics));
  const stepUp = new AskForProof(sessions, clock);
  return { sessions, clock, ids, audit, notices: new RevocationNotices(bus), telemetry, stepUp };
}

/** Identity as far as it can be had without secrets and providers: owner links, invitations, keys, second factors. */
export function composeIdentityCommands(
  parts: IdentityParts,
  { addresses }: Pick<Foundation, 'addresses'>,
): IdentityCommands {
  const links = new LinkMaker(parts);
  const invitations = new ManageInvitations(parts, links, addresses);
  const keys = new ManageKeys(parts);
  const factors = new ResetFactors(parts);
  const ownerLinks = new IssueOwnerLink(parts, links, addresses);
  return {
    issueOwnerLink: (tenant) => ownerLinks.issue(tenant),
    inviteByCli: (tenant, wanted) => invitations.inviteByCli(tenant, wanted),
    createKeyByCli: (tenant, name) => keys.createByCli(tenant, name),
    resetFactorsByCli: (tenant, email) => factors.resetByCli(tenant, email),
  };
}
