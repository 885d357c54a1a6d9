import { type SessionId, sessionId } from '#libs/kernel/ids.js';
import type { OpenedSession } from '../domain/opened-session.js';
import type { Person } from '../domain/person.js';
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

/** How somebody has come in. */
interface Entrance {
  readonly face: SessionFace;
  readonly method: SignInMethod;
  readonly sso?: SsoOrigin;
  /** When they proved who they are, where that was not just now. */
  readonly authenticatedAt?: Date;
}

/** Makes sessions. */
export class SessionOpener {
  constructor(private readonly parts: IdentityParts) {}

  /** Opens a session in the caller's transaction and ends the one the browser had: a token never outlives a sign-in. */
  async open(stores: IdentityStores, visitor: Visitor, person: Person, how: Entrance): Promise<Opening> {
    const now = this.parts.clock.now();
    const { absoluteMs } = (await sessionLimitsNow(stores, visitor.tenant))[how.face];
    const token = this.parts.ids.secret(secretBytes);
    const ended = await this.rotate(stores, visitor, now);
    const session: SignInSession = {
      id: sessionId(this.parts.ids.next()),
      face: how.face,
      method: how.method,
      sso: how.sso ?? null,
      personId: person.id,
      device: visitor.device,
      address: visitor.address,
      createdAt: now,
      authenticatedAt: how.authenticatedAt ?? now,
      lastSeenAt: now,
      expiresAt: new Date(now.getTime() + absoluteMs),
      revokedAt: null,
    };
    await stores.signInSessions.add(session, tokenHash(token));
    await stores.people.seen(person.id, now);
    await this.parts.audit.write(stores, visitor, {
      action: 'session.create',
      target: session.id,
      reason: `${how.face}: ${how.method}`,
      actor: { kind: 'person', id: person.id, name: person.email },
    });
    const opened = await openedFrom(stores, session, person, { token, lifeMs: absoluteMs });
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
    proof: { readonly session: SignInSession; readonly authenticatedAt: Date; readonly sso: SsoOrigin | null },
  ): Promise<Opening | null> {
    const now = this.parts.clock.now();
    const { authenticatedAt, sso, session } = proof;
    const token = this.parts.ids.secret(secretBytes);
    const change = { authenticatedAt, seenAt: now, sso };
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
