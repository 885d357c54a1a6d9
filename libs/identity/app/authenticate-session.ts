import type { TenantId } from '#libs/kernel/ids.js';
import { SharedQuestions } from '#libs/kernel/shared-questions.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import type { SessionIdentity } from '../domain/caller-identity.js';
import type { Person } from '../domain/person.js';
import { type SessionLimits, sessionLimitsOf } from '../domain/session-limits.js';
import { isAlive, seenEveryMs, type SessionFace, type SignInSession } from '../domain/sign-in-session.js';
import { tokenHash, tokenName } from '../domain/token-hash.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import { SessionAuthenticator } from '../ports/session-authenticator.js';
import type { IdentityParts } from './identity-parts.js';
import { NoticeFollower } from './notice-follower.js';
import { type HeldRole, heldRole } from './role-abilities.js';
import type { SessionNotice } from './revocation-notices.js';
import { ShortCache } from './short-cache.js';

interface Presented {
  readonly tenant: Tenant;
  readonly face: SessionFace;
  readonly token: string;
}

/** Finds the person behind a session token; a positive answer is kept for at most 4 s, or until a notice ends it. */
export class AuthenticateSession extends SessionAuthenticator {
  private readonly cache: ShortCache<SessionIdentity>;
  private readonly questions = new SharedQuestions<SessionIdentity | null>();
  private readonly endHandlers: ((sessionId: string) => void)[] = [];
  private readonly renewalHandlers: ((isConcerned: (session: SessionIdentity) => boolean) => void)[] = [];
  private readonly follower: NoticeFollower;

  constructor(
    private readonly parts: Pick<IdentityParts, 'sessions' | 'clock' | 'notices'>,
    private readonly profiles: TenantProfiles,
  ) {
    super();
    this.cache = new ShortCache(parts.clock);
    this.follower = new NoticeFollower((tenant, noticed) =>
      parts.notices.onSessions(tenant, (notice) => {
        noticed();
        this.questions.forget((name) => name.startsWith(`${tenant}:`));
        this.forget(tenant, notice);
      }),
    );
  }

  override async authenticate(tenant: Tenant, face: SessionFace, token: string): Promise<SessionIdentity | null> {
    const key = `${tenant.id}:${face}:${tokenName(token)}`;
    const kept = this.cache.get(key);
    if (kept !== undefined) return kept;
    return this.questions.ask(key, () => this.lookUp({ tenant, face, token }, key));
  }

  private async lookUp({ tenant, face, token }: Presented, key: string): Promise<SessionIdentity | null> {
    const askedAt = this.parts.clock.now();
    const before = await this.follower.count(tenant.id);
    // From memory: no round trip of its own.
    const { security } = await this.profiles.effective(tenant);
    const limits = sessionLimitsOf(security.sessions);
    const identity = await this.parts.sessions.run(tenant.id, (stores) =>
      lookUp(stores, face, tokenHash(token), { limits, now: askedAt }),
    );
    const isCurrent = before !== null && before === (await this.follower.count(tenant.id));
    if (identity !== null && isCurrent) this.cache.set(key, identity, askedAt);
    return identity;
  }

  override onRevoked(handler: (sessionId: string) => void): void {
    this.endHandlers.push(handler);
  }

  override onRenewed(handler: (isConcerned: (session: SessionIdentity) => boolean) => void): void {
    this.renewalHandlers.push(handler);
  }

  override async seen(tenant: Tenant, { sessionId, personId }: SessionIdentity): Promise<void> {
    const now = this.parts.clock.now();
    await this.parts.sessions.run(tenant.id, (stores) => noteUse(stores, { sessionId, personId }, now));
  }

  /** Stops to listen for revocations. */
  close(): Promise<void> {
    return this.follower.close();
  }

  private forget(tenant: TenantId, notice: SessionNotice): void {
    const ended = new Set<string>(notice.ended);
    const renewed = new Set<string>(notice.renewed);
    const people = new Set<string>(notice.people);
    const roles = new Set<string>(notice.roles);
    const isConcerned = ({ sessionId, personId, role }: SessionIdentity) =>
      renewed.has(sessionId) || people.has(personId) || roles.has(role);
    this.cache.drop(
      (identity, key) => key.startsWith(`${tenant}:`) && (ended.has(identity.sessionId) || isConcerned(identity)),
    );
    for (const sessionId of ended) for (const handler of this.endHandlers) handler(sessionId);
    if (renewed.size + people.size + roles.size > 0) for (const handler of this.renewalHandlers) handler(isConcerned);
  }
}

async function lookUp(
  stores: IdentityStores,
  face: SessionFace,
  hash: Buffer,
  { limits, now }: { readonly limits: SessionLimits; readonly now: Date },
): Promise<SessionIdentity | null> {
  const found = await stores.signInSessions.byToken(face, hash);
  if (found === null || !isAlive(found.session, limits, now) || found.person.state !== 'active') return null;
  if (now.getTime() - found.session.lastSeenAt.getTime() >= seenEveryMs)
    await noteUse(stores, { sessionId: found.session.id, personId: found.person.id }, now);
  return identityOf(found.session, found.person, await heldRole(stores, found.person));
}

async function noteUse(
  { signInSessions, people }: IdentityStores,
  { sessionId, personId }: Pick<SessionIdentity, 'sessionId' | 'personId'>,
  now: Date,
): Promise<void> {
  await signInSessions.seen(sessionId, now);
  await people.seen(personId, now);
}

/** What a session proves. */
export function identityOf(
  session: Pick<SignInSession, 'id' | 'authenticatedAt'>,
  person: Person,
  held: HeldRole,
): SessionIdentity {
  return {
    sessionId: session.id,
    personId: person.id,
    email: person.email,
    name: person.name,
    role: person.role,
    roleName: held.roleName,
    ability: held.ability,
    authenticatedAt: session.authenticatedAt,
  };
}
