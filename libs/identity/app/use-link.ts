import { AppError } from '#libs/kernel/errors.js';
import { type SessionId, userId } from '#libs/kernel/ids.js';
import { customRoleId } from '#libs/tenancy/domain/role.js';
import type { LinkPurpose, OneTimeLink } from '../domain/one-time-link.js';
import { nameFromEmail, type Person } from '../domain/person.js';
import type { SignInAnswer } from '../domain/sign-in-answer.js';
import { addressLimits } from '../domain/sign-in-limits.js';
import { tokenHash } from '../domain/token-hash.js';
import type { Visitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { FinishedStep, FinishLocalSignIn } from './finish-local-sign-in.js';
import type { IdentityParts } from './identity-parts.js';
import type { LocalSignIn } from './local-sign-in.js';
import type { SignInThrottle } from './sign-in-throttle.js';

/** What the page of a link sends along. */
export interface LinkAnswer {
  readonly token: string;
  readonly name?: string | undefined;
  readonly password?: string | undefined;
}

/** What the use of a link changes, before the session is opened. */
interface Entry {
  readonly person: Person;
  readonly ended: readonly SessionId[];
}

/** What a use of a link brings along, and who may come in by one. */
interface Given {
  readonly name?: string | undefined;
  readonly passwordHash: string | null;
  readonly mayEnter: (role: Person['role']) => boolean;
}

const purposes: readonly LinkPurpose[] = ['owner', 'invite', 'reset'];

/** Uses owner, invite and reset links. */
export class UseLink {
  constructor(
    private readonly parts: IdentityParts,
    private readonly throttle: SignInThrottle,
    private readonly local: LocalSignIn,
    private readonly finisher: FinishLocalSignIn,
  ) {}

  /**
   * What the link is for, without using it.
   * @throws {AppError} link_invalid, sign_in_throttled
   */
  async inspect(visitor: Visitor, token: string): Promise<OneTimeLink> {
    const limits = addressLimits(visitor.address);
    await this.throttle.admit(visitor, limits, 'link');
    const link = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const found = await stores.links.inspect(tokenHash(token), this.parts.clock.now());
      if (found !== null) await this.throttle.succeeded(stores, limits);
      return found;
    });
    return link ?? this.fail(visitor, 'unknown_used_or_expired');
  }

  /**
   * Uses the link and signs its person in, or asks for the second step. Of two uses at the same time exactly one succeeds.
   * @throws {AppError} link_invalid, sign_in_throttled, bad_request when a name or password is missing
   */
  async use(visitor: Visitor, answer: LinkAnswer): Promise<SignInAnswer> {
    const link = await this.inspect(visitor, answer.token);
    demandAnswer(link.purpose, answer);
    const passwordHash = answer.password === undefined ? null : await this.local.hasher.hash(answer.password);
    const mayEnter = await this.local.rule(visitor.tenant);
    const finished = await this.parts.sessions.run(visitor.tenant.id, async (stores): Promise<FinishedStep | null> => {
      const used = await stores.links.consume(tokenHash(answer.token), purposes, this.parts.clock.now());
      const entry =
        used === null ? null : await this.enter(stores, visitor, used, { ...answer, passwordHash, mayEnter });
      if (entry === null) return null;
      return this.signIn(stores, visitor, entry);
    });
    return finished === null ? this.fail(visitor, 'used_or_not_possible') : this.finisher.publish(visitor, finished);
  }

  private signIn(stores: IdentityStores, visitor: Visitor, { person, ended }: Entry): Promise<FinishedStep> {
    return this.finisher.finish(stores, visitor, person, { method: 'link', proofs: ['link'], ended });
  }

  private async enter(
    stores: IdentityStores,
    visitor: Visitor,
    link: OneTimeLink,
    given: Given,
  ): Promise<Entry | null> {
    const entry = await this.entryFor(stores, link, given);
    if (entry === null) return null;
    await this.parts.audit.write(stores, visitor, {
      action: `${link.purpose}-link.use`,
      target: entry.person.id,
      actor: { kind: 'person', id: entry.person.id, name: entry.person.email },
    });
    return entry;
  }

  private entryFor(stores: IdentityStores, link: OneTimeLink, given: Given): Promise<Entry | null> {
    switch (link.purpose) {
      case 'owner':
        return this.asOwner(stores, link, given);
      case 'invite':
        return this.asInvited(stores, link, given);
      case 'reset':
        return this.afterReset(stores, link, given);
      case 'handover':
        return Promise.resolve(null);
    }
  }

  /** The link comes from whoever runs the platform, so it also brings back an owner who was disabled or demoted. */
  private async asOwner(stores: IdentityStores, link: OneTimeLink, given: Given): Promise<Entry> {
    const known = await stores.people.byEmail(link.email);
    if (known === null) return { person: await this.add(stores, link, { ...given, role: 'owner' }), ended: [] };
    const person: Person = {
      ...known,
      role: 'owner',
      state: 'active',
      name: given.name ?? known.name,
      passwordHash: given.passwordHash ?? known.passwordHash,
    };
    await stores.people.save(person);
    return { person, ended: [] };
  }

  private async asInvited(stores: IdentityStores, link: OneTimeLink, given: Given): Promise<Entry | null> {
    if (link.role === null || !given.mayEnter(link.role) || (await stores.people.byEmail(link.email)) !== null)
      return null;
    const roleId = customRoleId(link.role);
    if (roleId !== null && (await stores.roles.lock(roleId)) === null) return null;
    return { person: await this.add(stores, link, { ...given, role: link.role }), ended: [] };
  }

  private async afterReset(
    stores: IdentityStores,
    link: OneTimeLink,
    { passwordHash, mayEnter }: Given,
  ): Promise<Entry | null> {
    const known = link.personId === null ? null : await stores.people.lock(link.personId);
    if (known?.state !== 'active' || passwordHash === null || !mayEnter(known.role)) return null;
    const person = { ...known, passwordHash };
    await stores.people.save(person);
    await stores.attempts.clear(`account:${person.email}`);
    return { person, ended: await stores.signInSessions.revokeAll(person.id, null, this.parts.clock.now()) };
  }

  private async add(
    stores: IdentityStores,
    link: OneTimeLink,
    given: Pick<Given, 'name' | 'passwordHash'> & { readonly role: Person['role'] },
  ): Promise<Person> {
    const person: Person = {
      id: userId(this.parts.ids.next()),
      email: link.email,
      name: given.name ?? nameFromEmail(link.email),
      role: given.role,
      state: 'active',
      passwordHash: given.passwordHash,
      createdAt: this.parts.clock.now(),
      lastSeenAt: null,
    };
    await stores.people.add(person);
    return person;
  }

  private async fail(visitor: Visitor, reason: string): Promise<never> {
    this.parts.telemetry.signIn('link', 'refused');
    await this.parts.audit.refuse(visitor.tenant.id, visitor, { action: 'link.use', reason });
    throw linkInvalid();
  }
}

function demandAnswer(purpose: LinkPurpose, answer: LinkAnswer): void {
  if (purpose === 'handover') throw linkInvalid();
  if (purpose === 'owner') return;
  if (purpose === 'invite' && answer.name === undefined)
    throw new AppError('bad_request', 'Tell us your name.', { field: 'name' });
  if (answer.password === undefined) throw new AppError('bad_request', 'Choose a password.', { field: 'password' });
}

/** One text for every reason. */
export function linkInvalid(): AppError {
  return new AppError('link_invalid', 'This link does not work (any more).');
}
