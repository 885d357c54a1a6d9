import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TenantOrigins } from '../ports/tenant-origins.js';
import { commandLine } from './audit-log.js';
import type { IdentityParts } from './identity-parts.js';
import type { IssuedLink, LinkMaker } from './link-maker.js';

/** Gives whoever runs the platform a way in for the owner that the manifest names. */
export class IssueOwnerLink {
  constructor(
    private readonly parts: IdentityParts,
    private readonly links: LinkMaker,
    private readonly origins: TenantOrigins,
  ) {}

  /** A new owner link; owner links from before stop to work. */
  issue(tenant: Tenant): Promise<IssuedLink> {
    const email = tenant.manifest.ownerEmail.toLowerCase();
    return this.parts.sessions.run(tenant.id, async (stores) => {
      await stores.links.revokeFor('owner', email, this.parts.clock.now());
      const order = { purpose: 'owner', email, role: null, personId: null, createdBy: 'command line' } as const;
      const link = await this.links.make(stores, order, this.origins.primary(tenant));
      await this.parts.audit.write(stores, commandLine.request, {
        action: 'owner-link.create',
        target: email,
        actor: commandLine.actor,
      });
      return link;
    });
  }
}
