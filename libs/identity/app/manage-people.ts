import { AppError } from '#libs/kernel/errors.js';
import { type Ability, demand, demandCovers, demandFor, mayRead, mayReadAlways } from '../domain/rights.js';
import { losesOwner, type Person, personFacts, refuseLosingLastOwner } from '../domain/person.js';
import type { SignedInVisitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { ListedPerson, Page, PeopleFilter } from '../ports/people-store.js';
import type { TenantOrigins } from '../ports/tenant-origins.js';
import { closeAccount, nothingEnded } from './close-account.js';
import type { IdentityParts } from './identity-parts.js';
import type { IssuedLink, LinkMaker } from './link-maker.js';
import { nobodyThere, reachPerson } from './reachable-person.js';
import { abilityOfRole } from './role-abilities.js';

export interface PersonChange {
  readonly role?: Person['role'] | undefined;
  readonly state?: Person['state'] | undefined;
}

/** Somebody as the caller may see them; null where it is held back. */
export interface ShownPerson extends Omit<ListedPerson, 'email' | 'groups' | 'passwordHash' | 'hasSecondFactor'> {
  readonly email: string | null;
  readonly groups: ListedPerson['groups'] | null;
  readonly hasSecondFactor: boolean | null;
}

/** What admins do with the people of their organisation. */
export class ManagePeople {
  constructor(
    private readonly parts: IdentityParts,
    private readonly links: LinkMaker,
    private readonly origins: TenantOrigins,
  ) {}

  /** @throws {AppError} forbidden */
  async list(visitor: SignedInVisitor, filter: Omit<PeopleFilter, 'searchesEmail'>): Promise<Page<ShownPerson>> {
    const { ability } = visitor.session;
    demand(ability, 'read', 'person');
    if (filter.group !== null && !mayReadAlways(ability, 'person', 'groups')) throw hiddenGroups();
    const searchesEmail = mayReadAlways(ability, 'person', 'email');
    const page = await this.parts.sessions.run(visitor.tenant.id, ({ people }) =>
      people.page({ ...filter, searchesEmail }, ability),
    );
    return { ...page, items: page.items.map((person) => shownTo(ability, person)) };
  }

  /**
   * Changes role or state. Disabling ends all sessions, keys and open links of the person at once.
   * @throws {AppError} forbidden, step_up_required, not_found, last_owner
   */
  async change(visitor: SignedInVisitor, id: string, change: PersonChange): Promise<ShownPerson> {
    const { ability } = visitor.session;
    demand(ability, 'change', 'person');
    await this.parts.stepUp.demand(visitor);
    const { person, ended } = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const before = await reachPerson(stores, ability, { id, fields: fieldsOf(change) });
      const after = { ...before, role: change.role ?? before.role, state: change.state ?? before.state };
      demandFor(ability, 'change', { subject: 'person', facts: personFacts(after) });
      if (after.role !== before.role) demandCovers(ability, await abilityOfRole(stores, after.role, before.id));
      if (losesOwner(before, after)) refuseLosingLastOwner(before, after, await stores.people.otherOwners(before.id));
      if (after.state === 'active' && before.state !== 'active') await this.refuseEnded(stores, before);
      await stores.people.save(after);
      await this.parts.audit.write(stores, visitor, {
        action: 'person.change',
        target: before.id,
        reason: describeChange(before, after),
      });
      const closed =
        after.state === 'disabled' ? await closeAccount(stores, after, this.parts.clock.now()) : nothingEnded;
      return { person: await stores.people.listed(before.id), ended: closed };
    });
    if (person === null) throw nobodyThere();
    this.parts.notices.sessions(visitor.tenant.id, { ended: [...ended.sessions], people: [person.id] });
    this.parts.notices.keys(visitor.tenant.id, ended.keys);
    return shownTo(ability, person);
  }

  /**
   * A link with which the person sets a new password; earlier ones stop to work.
   * @throws {AppError} forbidden, step_up_required, not_found
   */
  async resetLink(visitor: SignedInVisitor, id: string): Promise<IssuedLink> {
    demand(visitor.session.ability, 'change', 'person');
    await this.parts.stepUp.demand(visitor);
    return this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const person = await reachPerson(stores, visitor.session.ability, { id });
      await stores.links.revokeFor('reset', person.email, this.parts.clock.now());
      await this.parts.audit.write(stores, visitor, { action: 'reset-link.create', target: person.id });
      const { email, id: personId } = person;
      const order = { purpose: 'reset', email, role: null, personId, createdBy: visitor.session.email } as const;
      return this.links.make(stores, order, this.origins.at(visitor.tenantHost));
    });
  }

  /** @throws {AppError} forbidden, not_found */
  async signOut(visitor: SignedInVisitor, id: string): Promise<void> {
    demand(visitor.session.ability, 'change', 'person');
    const ended = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const person = await reachPerson(stores, visitor.session.ability, { id });
      await this.parts.audit.write(stores, visitor, { action: 'person.sign-out', target: person.id });
      return stores.signInSessions.revokeAll(person.id, null, this.parts.clock.now());
    });
    this.parts.notices.sessions(visitor.tenant.id, { ended: [...ended] });
  }

  /** Whom the organisation's directory has ended, it has to bring back itself. */
  private async refuseEnded({ directoryUsers }: IdentityStores, person: Person): Promise<void> {
    if (await directoryUsers.isEnded(person.id))
      throw new AppError('conflict', "The organisation's directory has ended this account.", {
        field: 'state',
        action: 'Give the person access in the directory again.',
      });
  }
}

function fieldsOf(change: PersonChange): readonly string[] {
  return Object.entries(change).flatMap(([field, value]) => (value === undefined ? [] : [field]));
}

/** The person without what the rules hold back. */
function shownTo(ability: Ability, { passwordHash: _hash, ...person }: ListedPerson): ShownPerson {
  const shows = (field: string) => mayRead(ability, 'person', personFacts(person), field);
  return {
    ...person,
    email: shows('email') ? person.email : null,
    groups: shows('groups') ? person.groups : null,
    lastSeenAt: shows('lastSeenAt') ? person.lastSeenAt : null,
    hasSecondFactor: shows('secondFactor') ? person.hasSecondFactor : null,
  };
}

function describeChange(before: Person, after: Person): string {
  const changes = [
    before.role === after.role ? null : `role ${before.role} to ${after.role}`,
    before.state === after.state ? null : `state ${before.state} to ${after.state}`,
  ];
  return changes.filter((change) => change !== null).join(', ') || 'nothing';
}

function hiddenGroups(): AppError {
  return new AppError('forbidden', 'Your role does not show who is in which group.', { field: 'group' });
}
