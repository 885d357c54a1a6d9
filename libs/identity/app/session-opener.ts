import { type SessionId, sessionId } from '#libs/kernel/ids.js';
import type { OpenedSession } from '../domain/opened-session.js';
import type { Person } from '../domain/person.js';
import type { Proof } from '../domain/proof.js';
import { type SessionFace, sessionLimits, type SignInMethod, type SsoOrigin } from '../domain/sign-in-session.js';
import { secretBytes, tokenHash } from '../domain/token-hash.js';
import type { Visitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import { identityOf } from './authenticate-session.js';
import type { IdentityParts } from './identity-parts.js';
import { heldRole } from './role-abilities.js';

/** A session to be, and the one it replaces. */
export interface Opening {
  readonly opened: OpenedSession;
  readonly ended: readonly SessionId[];
  readonly method: SignInMethod;
}

/** How a session comes about. */
export interface SessionBeginning {
  readonly face: SessionFace;
  readonly method: SignInMethod;
  /** In the order in which they were given. */
  readonly proofs: readonly Proof[];
  readonly sso?: SsoOrigin;
}

/** Makes sessions. */
export class SessionOpener {
  constructor(private readonly parts: IdentityParts) {}

  /** Opens a session in the caller's transaction and ends the one the browser had: a token never outlives a sign-in. */
  async open(stores: IdentityStores, visitor: Visitor, person: Person, how: SessionBeginning): Promise<Opening> {
    const now = this.parts.clock.now();
    const { absoluteMs } = sessionLimits[how.face];
    const token = this.parts.ids.secret(secretBytes);
    const id = sessionId(this.parts.ids.next());
    const ended = await this.rotate(stores, visitor, now);
    await stores.signInSessions.add(
      {
        id,
        face: how.face,
        method: how.method,
        proofs: how.proofs,
        sso: how.sso ?? null,
        personId: person.id,
        device: visitor.device,
        address: visitor.address,
        createdAt: now,
        lastSeenAt: now,
        expiresAt: new Date(now.getTime() + absoluteMs),
        revokedAt: null,
      },
      tokenHash(token),
    );
    await stores.people.seen(person.id, now);
    await this.parts.audit.write(stores, visitor, {
      action: 'session.create',
      target: id,
      reason: [`${how.face}: ${how.method}`, ...how.proofs.slice(1)].join(', '),
      actor: { kind: 'person', id: person.id, name: person.email },
    });
    return {
      opened: {
        token,
        maxAgeSeconds: absoluteMs / 1_000,
        identity: identityOf({ id }, person, await heldRole(stores, person)),
        hasPassword: person.passwordHash !== null,
      },
      ended,
      method: how.method,
    };
  }

  /** What is to be done once the transaction is through. */
  publish(visitor: Visitor, { opened, ended, method }: Opening): OpenedSession {
    this.parts.telemetry.signIn(method, 'success');
    this.parts.notices.sessions(visitor.tenant.id, { ended: [...ended] });
    return opened;
  }

  private async rotate(stores: IdentityStores, { session }: Visitor, now: Date): Promise<readonly SessionId[]> {
    if (session === null) return [];
    const revoked = await stores.signInSessions.revoke(session.personId, session.sessionId, now);
    return revoked ? [session.sessionId] : [];
  }
}
