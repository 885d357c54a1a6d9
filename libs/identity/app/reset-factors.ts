import { AppError } from '#libs/kernel/errors.js';
import type { SessionId } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Person } from '../domain/person.js';
import { demand } from '../domain/rights.js';
import type { SignedInVisitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import { commandLine } from './audit-log.js';
import type { IdentityParts } from './identity-parts.js';
import { reachPerson } from './reachable-person.js';
import { removeFactors } from './remove-factors.js';

/** Takes away the second factors of somebody who has lost them all. Whoever is in with them is out. */
export class ResetFactors {
  constructor(private readonly parts: IdentityParts) {}

  /** @throws {AppError} forbidden, step_up_required, not_found; conflict for oneself, who has the Security page for it */
  async reset(visitor: SignedInVisitor, id: string): Promise<void> {
    const { ability, personId } = visitor.session;
    demand(ability, 'change', 'person');
    await this.parts.stepUp.demand(visitor);
    if (id === personId)
      throw new AppError('conflict', 'Your own second factors are yours to change.', {
        action: 'Open Security in the chat, or ask another administrator.',
      });
    const ended = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const person = await reachPerson(stores, ability, { id, fields: ['secondFactor'] });
      await this.parts.audit.write(stores, visitor, { action: 'second-factor.reset', target: person.id });
      return this.end(stores, person);
    });
    this.parts.notices.sessions(visitor.tenant.id, { ended: [...ended] });
  }

  /**
   * For whoever runs the platform: the last owner's way back.
   * @throws {AppError} not_found for an e-mail that nobody has
   */
  async resetByCli(tenant: Tenant, email: string): Promise<void> {
    const ended = await this.parts.sessions.run(tenant.id, async (stores) => {
      const found = await stores.people.byEmail(email);
      const person = found === null ? null : await stores.people.lock(found.id);
      if (person === null)
        throw new AppError('not_found', `Nobody in "${tenant.slug}" has the e-mail ${email}.`, { field: 'email' });
      await this.parts.audit.write(stores, commandLine.request, {
        action: 'second-factor.reset',
        target: person.id,
        actor: commandLine.actor,
      });
      return this.end(stores, person);
    });
    this.parts.notices.sessions(tenant.id, { ended: [...ended] });
  }

  private async end(stores: IdentityStores, { id }: Person): Promise<readonly SessionId[]> {
    await removeFactors(stores, id);
    await stores.signInTickets.removeOf(id);
    return stores.signInSessions.revokeAll(id, null, this.parts.clock.now());
  }
}
