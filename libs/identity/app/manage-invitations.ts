import type { AuditActor, AuditedRequest } from '#libs/governance/domain/audit-event.js';
import { AppError } from '#libs/kernel/errors.js';
import type { Role } from '#libs/tenancy/domain/role.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { changesAnything, demand, demandCovers } from '../domain/rights.js';
import type { Origins } from '../domain/origin.js';
import type { SignedInVisitor } from '../domain/visitor.js';
import type { Invitation } from '../ports/link-store.js';
import type { Page } from '../ports/people-store.js';
import type { TenantOrigins } from '../ports/tenant-origins.js';
import { commandLine } from './audit-log.js';
import type { IdentityParts } from './identity-parts.js';
import type { IssuedLink, LinkMaker } from './link-maker.js';
import { abilityOfRole } from './role-abilities.js';

interface Inviting {
  readonly email: string;
  readonly role: Role;
}

interface Inviter {
  readonly request: AuditedRequest;
  readonly actor?: AuditActor;
  readonly name: string;
  readonly origins: Origins;
}

/** Invites people by one-time links. */
export class ManageInvitations {
  constructor(
    private readonly parts: IdentityParts,
    private readonly links: LinkMaker,
    private readonly origins: TenantOrigins,
  ) {}

  /** Newest first. @throws {AppError} forbidden */
  async list(visitor: SignedInVisitor, page: { cursor: string | null; limit: number }): Promise<Page<Invitation>> {
    demand(visitor.session.ability, 'read', 'invitation');
    return this.parts.sessions.run(visitor.tenant.id, ({ links }) => links.invitations(page));
  }

  /**
   * A new invitation; an open one for the same e-mail stops to work.
   * @throws {AppError} forbidden, conflict when the person is there already; step_up_required for a role that may
   * change things
   */
  async invite(visitor: SignedInVisitor, wanted: Inviting): Promise<IssuedLink> {
    demand(visitor.session.ability, 'change', 'invitation');
    const given = await this.parts.sessions.run(visitor.tenant.id, (stores) =>
      abilityOfRole(stores, wanted.role, visitor.session.personId),
    );
    demandCovers(visitor.session.ability, given);
    if (changesAnything(given)) await this.parts.stepUp.demand(visitor);
    const origins = this.origins.at(visitor.tenantHost);
    return this.make(visitor.tenant, wanted, { request: visitor, name: visitor.session.email, origins });
  }

  /** The same for whoever runs the platform. @throws {AppError} conflict */
  inviteByCli(tenant: Tenant, wanted: Inviting): Promise<IssuedLink> {
    const { request, actor } = commandLine;
    return this.make(tenant, wanted, { request, actor, name: actor.name, origins: this.origins.primary(tenant) });
  }

  /** @throws {AppError} forbidden, not_found */
  async revoke(visitor: SignedInVisitor, id: string): Promise<void> {
    demand(visitor.session.ability, 'change', 'invitation');
    await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const link = await stores.links.revokeInvitation(id, this.parts.clock.now());
      if (link === null) throw new AppError('not_found', 'There is no such open invitation.');
      await this.parts.audit.write(stores, visitor, { action: 'invitation.revoke', target: link.email });
    });
  }

  private make(tenant: Tenant, wanted: Inviting, by: Inviter): Promise<IssuedLink> {
    const email = wanted.email.toLowerCase();
    return this.parts.sessions.run(tenant.id, async (stores) => {
      if ((await stores.people.byEmail(email)) !== null)
        throw new AppError('conflict', 'This person is here already.', {
          field: 'email',
          action: 'Look under People.',
        });
      await stores.links.revokeFor('invite', email, this.parts.clock.now());
      await this.parts.audit.write(stores, by.request, {
        action: 'invitation.create',
        target: email,
        reason: `role ${wanted.role}`,
        ...(by.actor === undefined ? {} : { actor: by.actor }),
      });
      const order = { purpose: 'invite', email, role: wanted.role, personId: null, createdBy: by.name } as const;
      return this.links.make(stores, order, by.origins);
    });
  }
}
