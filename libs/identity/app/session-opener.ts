import { type SessionId, sessionId } from '#libs/kernel/ids.js';
import type { OpenedSession } from '../domain/opened-session.js';
import type { Person } from '../domain/person.js';
import type { Proof } from '../domain/proof.js';
import type { SessionFace, SignInMethod, SignInSession, SsoOrigin } from '../domain/sign-in-session.js';
import { secretBytes, tokenHash } from '../domain/token-hash.js';
import type { Visitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import { identityOf } from './authenticate-session.js';
import type { IdentityParts } from './identity-parts.js';
import { heldRole } from './role-abilities.js';
import { sessionLimitsNow } from './session-limits.js';

/** A session to be, and the one it replaces. */
export interface Opening {
  readonly opened: OpenedSession;
  readonly ended: readonly SessionId[];
  /** Sessions whose token is another one now. */
  readonly renewed: readonly SessionId[];
  readonly method: SignInMethod;
}

/** How a session comes about. */
export interface SessionBeginning {
  readonly face: SessionFace;
  readonly method: SignInMethod;
  /** In the order in which they were given. */
  readonly proofs: readonly Proof[];
  readonly sso?: SsoOrigin;
  /** When they proved who they are, where that was not just now. */
  readonly authenticatedAt?: Date;
  /** Ends it sooner than the organisation's limits do, in ms from now. */
  readonly mostMs?: number | undefined;
}

/** How somebody has proven anew who they are. */
interface SessionRenewal {
  readonly session: SignInSession;
  readonly proof: Proof;
  readonly authenticatedAt: Date;
  /** The sign-in at an identity provider that has proven it; null for what was proven here. */
  readonly sso: SsoOrigin | null;
}

/** Makes sessions. */
export class SessionOpener {
  constructor(private readonly parts: IdentityParts) {}

  /** Opens a session in the caller's transaction and ends the one the browser had: a token never outlives a sign-in. */
  async open(stores: IdentityStores, visitor: Visitor, person: Person, how: SessionBeginning): Promise<Opening> {
    const now = this.parts.clock.now();
    const { absoluteMs } = (await sessionLimitsNow(stores, visitor.tenant))[how.face];
    const lifeMs = Math.min(absoluteMs, how.mostMs ?? absoluteMs);
    const token = this.parts.ids.secret(secretBytes);
    const ended = await this.rotate(stores, visitor, now);
    const session: SignInSession = {
      id: sessionId(this.parts.ids.next()),
      face: how.face,
      method: how.method,
      proofs: how.proofs,
      sso: how.sso ?? null,
      personId: person.id,
      device: visitor.device,
      address: visitor.address,
      createdAt: now,
      authenticatedAt: how.authenticatedAt ?? now,
      lastSeenAt: now,
      expiresAt: new Date(now.getTime() + lifeMs),
      revokedAt: null,
    };
    await stores.signInSessions.add(session, tokenHash(token));
    await stores.people.seen(person.id, now);
    await this.parts.audit.write(stores, visitor, {
      action: 'session.create',
      target: session.id,
      reason: [`${how.face}: ${how.method}`, ...how.proofs.slice(1)].join(', '),
      actor: { kind: 'person', id: person.id, name: person.email },
    });
    const opened = await openedFrom(stores, session, person, { token, lifeMs });
    return { opened, ended, renewed: [], method: how.method };
  }

  /**
   * Gives an open session another token in the caller's transaction, because its person has proven anew who they are.
   * It ends when it would have ended. Null when it is over.
   */
  async renew(
    stores: IdentityStores,
    visitor: Visitor,
    person: Person,
    given: SessionRenewal,
  ): Promise<Opening | null> {
    const now = this.parts.clock.now();
    const { authenticatedAt, proof, sso, session } = given;
    const token = this.parts.ids.secret(secretBytes);
    const proofs = session.proofs.includes(proof) ? session.proofs : [...session.proofs, proof];
    const change = { authenticatedAt, seenAt: now, proofs, sso };
    if (!(await stores.signInSessions.renew(session.id, change, tokenHash(token)))) return null;
    const { absoluteMs } = (await sessionLimitsNow(stores, visitor.tenant))[session.face];
    const endsAt = Math.min(session.expiresAt.getTime(), session.createdAt.getTime() + absoluteMs);
    const lifeMs = endsAt - now.getTime();
    const opened = await openedFrom(stores, { ...session, authenticatedAt }, person, { token, lifeMs });
    return { opened, ended: [], renewed: [session.id], method: session.method };
  }

  /** What is to be done once the transaction is through. */
  publish(visitor: Visitor, { opened, ended, renewed, method }: Opening): OpenedSession {
    if (renewed.length === 0) this.parts.telemetry.signIn(method, 'success');
    this.parts.notices.sessions(visitor.tenant.id, { ended: [...ended], renewed: [...renewed] });
    return opened;
  }

  private async rotate(stores: IdentityStores, { session }: Visitor, now: Date): Promise<readonly SessionId[]> {
    if (session === null) return [];
    const revoked = await stores.signInSessions.revoke(session.personId, session.sessionId, now);
    return revoked ? [session.sessionId] : [];
  }
}

async function openedFrom(
  stores: IdentityStores,
  session: SignInSession,
  person: Person,
  { token, lifeMs }: { readonly token: string; readonly lifeMs: number },
): Promise<OpenedSession> {
  return {
    token,
    maxAgeSeconds: Math.floor(lifeMs / 1_000),
    identity: identityOf(session, person, await heldRole(stores, person)),
    hasPassword: person.passwordHash !== null,
  };
}
