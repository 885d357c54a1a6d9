import type { AuditedRequest } from '#libs/governance/domain/audit-event.js';
import { AppError } from '#libs/kernel/errors.js';
import { type UserId, userId } from '#libs/kernel/ids.js';
import { ssoFingerprint } from '#libs/tenancy/domain/sso-fingerprint.js';
import type { SsoProfile } from '#libs/tenancy/domain/sso-profile.js';
import type { Role } from '#libs/tenancy/domain/role.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import { type MappedRole, roleByGroups } from '../domain/group-roles.js';
import type { OpenedSession } from '../domain/opened-session.js';
import { losesOwner, nameFromEmail, type Person } from '../domain/person.js';
import { recheckRuleOf } from '../domain/recheck.js';
import type { SsoClaims } from '../domain/sso-claims.js';
import { decideSso, type SsoDecision } from '../domain/sso-decision.js';
import type { SsoTestOutcome } from '../domain/sso-test.js';
import type { SignedInVisitor, Visitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { SsoFinish } from '../ports/sso-connector.js';
import { standingSession } from './session-limits.js';
import type { IdentityParts } from './identity-parts.js';
import type { RefreshTokens } from './refresh-tokens.js';
import type { Opening, SessionOpener } from './session-opener.js';

/** What an identity provider has proven. */
export type SsoProof = Extract<SsoFinish, { readonly kind: 'proven' }>;

const replayed = 'replayed: it was used before';

interface Judged {
  readonly decision: SsoDecision;
  readonly mapped: MappedRole;
}

/** Makes a session of what an identity provider has proven: whom it becomes, with which role, or why not. */
export class SsoEntry {
  constructor(
    private readonly parts: IdentityParts,
    private readonly opener: SessionOpener,
    private readonly profiles: TenantProfiles,
    private readonly tokens: RefreshTokens,
  ) {}

  /** @throws {AppError} sso_failed: the audit log says why, the user is not told */
  async enter(visitor: Visitor, profile: SsoProfile, proof: SsoProof): Promise<OpenedSession> {
    const { claims, once, refreshToken } = proof;
    const rule = recheckRuleOf(profile);
    const done = await this.parts.sessions.run(visitor.tenant.id, async (stores): Promise<Opening | string> => {
      if (!(await isFirstUse(stores, once))) return replayed;
      const { decision, mapped } = await this.judge(stores, visitor, profile, claims);
      if (decision.kind === 'refuse') return decision.reason;
      const known = await this.personOf(stores, visitor, claims, decision);
      const role = mapped.kind === 'role' ? mapped.role : null;
      const person = await this.follow(stores, visitor, known, { role, name: claims.name });
      await this.prove(stores, profile);
      const opening = await this.opener.open(stores, visitor, person, {
        face: 'chat',
        method: profile.type,
        proofs: ['provider'],
        sso: claims,
        authenticatedAt: this.provenAt(claims),
        // Nobody can be asked again then, but the person, who signs in anew.
        mostMs: refreshToken === null ? rule?.everyMs : undefined,
      });
      if (rule !== null) await this.keepToken(stores, visitor.tenant, opening, proof);
      return opening;
    });
    if (typeof done === 'string')
      return this.fail(visitor, profile.type, done, `${claims.connection} ${claims.subject}`);
    this.parts.notices.sessions(visitor.tenant.id, { people: [done.opened.identity.personId] });
    await this.proven(visitor.tenant, profile);
    return this.opener.publish(visitor, done);
  }

  /**
   * Takes a new proof of the person who is signed in, and gives their session another token for it.
   * @throws {AppError} sso_failed, also where the provider has proven somebody else
   */
  async confirm(visitor: SignedInVisitor, profile: SsoProfile, proof: SsoProof): Promise<OpenedSession> {
    const { claims, once, refreshToken } = proof;
    const done = await this.parts.sessions.run(visitor.tenant.id, async (stores): Promise<Opening | string> => {
      if (!(await isFirstUse(stores, once))) return replayed;
      const { decision, mapped } = await this.judge(stores, visitor, profile, claims);
      if (decision.kind === 'refuse') return decision.reason;
      if (decision.kind !== 'sign-in' || decision.person.id !== visitor.session.personId) return 'another_person';
      const role = mapped.kind === 'role' ? mapped.role : null;
      const person = await this.follow(stores, visitor, decision.person, { role, name: claims.name });
      const session = await standingSession(stores, visitor.tenant, visitor.session.sessionId, this.parts.clock);
      if (session === null) return 'session_over_meanwhile';
      const reason = `${session.face}: ${profile.type}`;
      await this.parts.audit.write(stores, visitor, { action: 'session.confirm', target: session.id, reason });
      const given = { session, proof: 'provider', authenticatedAt: this.provenAt(claims), sso: claims } as const;
      const opening = await this.opener.renew(stores, visitor, person, given);
      if (opening === null) return 'session_over_meanwhile';
      const isSame = session.sso?.connection === claims.connection && session.sso.subject === claims.subject;
      // The token of before is of use only while the session comes from the same.
      if (refreshToken !== null || !isSame) await this.keepToken(stores, visitor.tenant, opening, proof);
      return opening;
    });
    if (typeof done === 'string')
      return this.fail(visitor, profile.type, `fresh proof: ${done}`, `${claims.connection} ${claims.subject}`);
    this.parts.notices.sessions(visitor.tenant.id, { people: [done.opened.identity.personId] });
    return this.opener.publish(visitor, done);
  }

  /**
   * Name and role follow what the provider says while somebody is signed in, by the rules of a sign-in.
   * @returns why they may not stay signed in; null when they may
   */
  async followOn(tenant: Tenant, profile: SsoProfile, claims: SsoClaims, personId: UserId): Promise<string | null> {
    const nobody = { tenant, session: null, address: null, requestId: null };
    const done = await this.parts.sessions.run(tenant.id, async (stores): Promise<boolean | string> => {
      await stores.people.lock(personId);
      const { decision, mapped } = await this.judge(stores, nobody, profile, claims);
      if (decision.kind === 'refuse') return decision.reason;
      if (decision.kind !== 'sign-in' || decision.person.id !== personId) return 'another_person';
      const { person } = decision;
      const told = { role: mapped.kind === 'role' ? mapped.role : null, name: claims.name, isRepeated: true };
      const next = await this.follow(stores, nobody, person, told);
      return next.role !== person.role || next.name !== person.name;
    });
    if (typeof done === 'string') return done;
    if (done) this.parts.notices.sessions(tenant.id, { people: [personId] });
    return null;
  }

  private keepToken(stores: IdentityStores, tenant: Tenant, { opened }: Opening, proof: SsoProof): Promise<void> {
    const { sessionId, personId } = opened.identity;
    const { connection } = proof.claims;
    const session = { sessionId, personId, connection, refreshToken: proof.refreshToken };
    return this.tokens.begin(stores, tenant.id, session, this.parts.clock.now());
  }

  /** As the provider says, but never in the future; now where it says nothing. */
  private provenAt({ authenticatedAt }: SsoClaims): Date {
    const now = this.parts.clock.now();
    return authenticatedAt === null || authenticatedAt > now ? now : authenticatedAt;
  }

  /** Remembers, in the caller's transaction, that the connection works: from now on it may be required. */
  async prove(stores: IdentityStores, profile: SsoProfile): Promise<void> {
    const fingerprint = ssoFingerprint(profile);
    if ((await stores.settings.all()).get('sso.proof') === fingerprint) return;
    await stores.settings.set('sso.proof', fingerprint, 'identity provider');
  }

  /** What is to be done once that transaction is through. */
  private async proven(tenant: Tenant, profile: SsoProfile): Promise<void> {
    const { passwordsFor } = await this.profiles.effective(tenant);
    if (profile.required && passwordsFor === 'everybody') this.profiles.invalidate(tenant);
  }

  /** What would become of somebody, without doing any of it. */
  preview(visitor: Visitor, profile: SsoProfile, { claims, once }: SsoProof): Promise<SsoTestOutcome> {
    return this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const isFirst = await isFirstUse(stores, once);
      const { decision, mapped } = await this.judge(stores, visitor, profile, claims);
      const { email, name, groups, received } = claims;
      if (!isFirst) return { isSuccess: false, reason: replayed, email, name, groups, received, role: null };
      const reason = decision.kind === 'refuse' ? decision.reason : null;
      const role = decision.kind === 'refuse' ? null : roleOf(decision, mapped);
      return { isSuccess: true, reason, email, name, groups, received, role };
    });
  }

  /** @throws {AppError} sso_failed, always */
  async fail(visitor: Visitor, way: SsoProfile['type'], reason: string, target: string | null = null): Promise<never> {
    this.parts.telemetry.signIn(way, 'refused');
    await this.parts.audit.refuse(visitor.tenant.id, visitor, {
      action: 'session.create',
      target,
      reason: `sso: ${reason}`,
    });
    throw new AppError('sso_failed', 'The sign-in at your identity provider was not accepted.');
  }

  /** @throws {AppError} sso_unavailable, always */
  async unavailable(visitor: Visitor, way: SsoProfile['type'], reason: string): Promise<never> {
    this.parts.telemetry.signIn(way, 'unavailable');
    await this.parts.audit.refuse(visitor.tenant.id, visitor, { action: 'session.create', reason: `sso: ${reason}` });
    throw new AppError('sso_unavailable', 'Your identity provider cannot be reached.');
  }

  private async judge(
    stores: IdentityStores,
    visitor: Pick<Visitor, 'tenant' | 'session'>,
    profile: SsoProfile,
    claims: SsoClaims,
  ): Promise<Judged> {
    const mapped = roleByGroups(profile, claims);
    const linked = await stores.people.bySubject(claims.connection, claims.subject);
    const sameEmail = claims.email === null ? null : await stores.people.byEmail(claims.email);
    const decision = decideSso({
      claims,
      policy: profile,
      linked,
      sameEmail,
      isAwaited: sameEmail !== null && (await stores.directoryUsers.isAwaited(sameEmail.id)),
      mapped,
      signedInAs: visitor.session?.personId ?? null,
      ownerEmail: visitor.tenant.manifest.ownerEmail.toLowerCase(),
      hasOwner: (await stores.people.otherOwners(null)) > 0,
    });
    return { decision, mapped };
  }

  private async personOf(
    stores: IdentityStores,
    visitor: Visitor,
    claims: SsoClaims,
    decision: Exclude<SsoDecision, { kind: 'refuse' }>,
  ): Promise<Person> {
    if (decision.kind === 'sign-in') return decision.person;
    const now = this.parts.clock.now();
    const person = decision.kind === 'link' ? decision.person : this.newPerson(claims, decision, now);
    if (decision.kind === 'create') await stores.people.add(person);
    await stores.people.addSubject(claims.connection, claims.subject, person.id, now);
    await this.parts.audit.write(stores, visitor, {
      action: decision.kind === 'link' ? 'identity.link' : 'person.create',
      target: person.id,
      reason: claims.connection,
      actor: { kind: 'person', id: person.id, name: person.email },
    });
    return person;
  }

  private newPerson(claims: SsoClaims, decision: { email: string; role: Role }, now: Date): Person {
    return {
      id: userId(this.parts.ids.next()),
      email: decision.email,
      name: claims.name ?? nameFromEmail(decision.email),
      role: decision.role,
      state: 'active',
      passwordHash: null,
      createdAt: now,
      lastSeenAt: null,
    };
  }

  /** Name and role follow the identity provider; the last owner stays one, which is logged unless it is said all day. */
  private async follow(
    stores: IdentityStores,
    visitor: AuditedRequest,
    person: Person,
    told: { readonly role: Role | null; readonly name: string | null; readonly isRepeated?: boolean },
  ): Promise<Person> {
    const wanted = { ...person, role: told.role ?? person.role, name: told.name ?? person.name };
    const keepsOwner = losesOwner(person, wanted) && (await stores.people.otherOwners(person.id)) === 0;
    const next = keepsOwner ? { ...wanted, role: person.role } : wanted;
    if (next.role !== person.role || (keepsOwner && told.isRepeated !== true))
      await this.parts.audit.write(stores, visitor, {
        action: 'person.change',
        target: person.id,
        outcome: keepsOwner ? 'refused' : 'success',
        reason: keepsOwner ? 'last_owner' : `role ${next.role} by group`,
        actor: { kind: 'system', id: null, name: 'identity provider' },
      });
    if (next.role !== person.role || next.name !== person.name) await stores.people.save(next);
    return next;
  }
}

function roleOf(decision: Exclude<SsoDecision, { kind: 'refuse' }>, mapped: MappedRole): Role {
  if (decision.kind === 'create') return decision.role;
  return mapped.kind === 'role' ? mapped.role : decision.person.role;
}

/** Whether what has proven it may be used, and was not; from now on it was. */
async function isFirstUse({ replays }: IdentityStores, once: SsoProof['once']): Promise<boolean> {
  return once === null || replays.use(once.id, once.until);
}
