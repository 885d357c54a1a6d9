import { AppError } from '#libs/kernel/errors.js';
import { type SessionId, userId } from '#libs/kernel/ids.js';
import { abilityOf, demand, personSubject } from '../domain/abilities.js';
import { losesOwner, type Person, refuseLosingLastOwner } from '../domain/person.js';
import type { SignedInVisitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { ListedPerson, Page, PeopleFilter } from '../ports/people-store.js';
import type { TenantOrigins } from '../ports/tenant-origins.js';
import type { IdentityParts } from './identity-parts.js';
import type { IssuedLink, LinkMaker } from './link-maker.js';

export interface PersonChange {
  readonly role?: Person['role'] | undefined;
  readonly state?: Person['state'] | undefined;
}

/** What ended with a change of a person. */
interface Ended {
  readonly sessions: readonly SessionId[];
  readonly keys: readonly string[];
}

/** What admins do with the people of their organisation. */
export class ManagePeople {
  constructor(
    private readonly parts: IdentityParts,
    private readonly links: LinkMaker,
    private readonly origins: TenantOrigins,
  ) {}

  /** @throws {AppError} forbidden */
  async list(visitor: SignedInVisitor, filter: PeopleFilter): Promise<Page<ListedPerson>> {
    demand(abilityOf(visitor.session.role), 'read', 'person');
    return this.parts.sessions.run(visitor.tenant.id, ({ people }) => people.page(filter));
  }

  /**
   * Changes role or state. Disabling ends all sessions, keys and open links of the person at once.
   * @throws {AppError} forbidden, not_found, last_owner
   */
  async change(visitor: SignedInVisitor, id: string, change: PersonChange): Promise<ListedPerson> {
    demand(abilityOf(visitor.session.role), 'change', 'person');
    const { person, ended } = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const before = await this.lock(stores, visitor, id);
      const after = { ...before, role: change.role ?? before.role, state: change.state ?? before.state };
      demand(abilityOf(visitor.session.role), 'change', personSubject(after.role));
      if (losesOwner(before, after)) refuseLosingLastOwner(before, after, await stores.people.otherOwners(before.id));
      await stores.people.save(after);
      await this.parts.audit.write(stores, visitor, {
        action: 'person.change',
        target: before.id,
        reason: describeChange(before, after),
      });
      const closed = after.state === 'disabled' ? await this.closeAll(stores, after) : { sessions: [], keys: [] };
      return { person: await stores.people.listed(before.id), ended: closed };
    });
    if (person === null) throw notThere();
    this.parts.notices.sessions(visitor.tenant.id, { ended: [...ended.sessions], people: [person.id] });
    this.parts.notices.keys(visitor.tenant.id, ended.keys);
    return person;
  }

  /**
   * A link with which the person sets a new password; earlier ones stop to work.
   * @throws {AppError} forbidden, not_found
   */
  async resetLink(visitor: SignedInVisitor, id: string): Promise<IssuedLink> {
    demand(abilityOf(visitor.session.role), 'change', 'person');
    return this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const person = await this.lock(stores, visitor, id);
      await stores.links.revokeFor('reset', person.email, this.parts.clock.now());
      await this.parts.audit.write(stores, visitor, { action: 'reset-link.create', target: person.id });
      const { email, id: personId } = person;
      const order = { purpose: 'reset', email, role: null, personId, createdBy: visitor.session.email } as const;
      return this.links.make(stores, order, this.origins.at(visitor.tenantHost));
    });
  }

  /** @throws {AppError} forbidden, not_found */
  async signOut(visitor: SignedInVisitor, id: string): Promise<void> {
    demand(abilityOf(visitor.session.role), 'change', 'person');
    const ended = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const person = await this.lock(stores, visitor, id);
      await this.parts.audit.write(stores, visitor, { action: 'person.sign-out', target: person.id });
      return stores.signInSessions.revokeAll(person.id, null, this.parts.clock.now());
    });
    this.parts.notices.sessions(visitor.tenant.id, { ended: [...ended] });
  }

  /** The person, who may be changed by this role. */
  private async lock(stores: IdentityStores, visitor: SignedInVisitor, id: string): Promise<Person> {
    const person = await stores.people.lock(userId(id));
    if (person === null) throw notThere();
    demand(abilityOf(visitor.session.role), 'change', personSubject(person.role));
    return person;
  }

  private async closeAll(stores: IdentityStores, person: Person): Promise<Ended> {
    const now = this.parts.clock.now();
    await stores.links.revokeOf(person.id, now);
    return {
      sessions: await stores.signInSessions.revokeAll(person.id, null, now),
      keys: await stores.keys.revokeOf(person.id, now),
    };
  }
}

function describeChange(before: Person, after: Person): string {
  const changes = [
    before.role === after.role ? null : `role ${before.role} to ${after.role}`,
    before.state === after.state ? null : `state ${before.state} to ${after.state}`,
  ];
  return changes.filter((change) => change !== null).join(', ') || 'nothing';
}

function notThere(): AppError {
  return new AppError('not_found', 'There is no such person.');
}
