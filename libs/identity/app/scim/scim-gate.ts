import type { AuditActor, AuditEntry } from '#libs/governance/domain/audit-event.js';
import type { UserId } from '#libs/kernel/ids.js';
import { ScimError } from '../../domain/scim/scim-error.js';
import { isTokenUsable, readScimToken, type ScimToken } from '../../domain/scim/scim-token.js';
import { seenEveryMs } from '../../domain/sign-in-session.js';
import { windowOf } from '../../domain/sign-in-limits.js';
import { sameHash } from '../../domain/token-hash.js';
import type { Visitor } from '../../domain/visitor.js';
import type { IdentityStores } from '../../ports/identity-stores.js';
import type { EndedAccess } from '../close-account.js';
import type { IdentityParts } from '../identity-parts.js';

/** A request of the organisation's directory. */
export interface ScimVisitor extends Visitor {
  readonly authorization: string | undefined;
}

/** What a request of the directory works with, in one transaction. */
export interface ScimWork {
  readonly stores: IdentityStores;
  readonly now: Date;
  /** Writes to the audit log in the directory's name. */
  audit(entry: AuditEntry): Promise<void>;
  /** What ended, or whose rights changed: told to every replica after the commit. */
  ended(access: EndedAccess): void;
  changed(person: UserId): void;
}

/** Refusals of one address that are written to the log in a quarter of an hour; a flood must not become rows. */
const toldRefusals = 5;

/** Lets the directory in by its token. Nothing is kept in memory: a token that is revoked is worth nothing at once. */
export class ScimGate {
  constructor(private readonly parts: IdentityParts) {}

  /** @throws {ScimError} unauthenticated, and whatever `work` throws */
  async run<Result>(visitor: ScimVisitor, work: (at: ScimWork) => Promise<Result>): Promise<Result> {
    const now = this.parts.clock.now();
    const ended: EndedAccess[] = [];
    const people: UserId[] = [];
    const done = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const token = await this.authenticate(stores, visitor, now);
      if (token === null) return null;
      const actor: AuditActor = { kind: 'key', id: token.id, name: `directory: ${token.name}` };
      const result = await work({
        stores,
        now,
        audit: (entry) => this.parts.audit.write(stores, visitor, { ...entry, actor }),
        ended: (access) => void ended.push(access),
        changed: (person) => void people.push(person),
      });
      return { result };
    });
    if (done === null) return this.refuse(visitor, now);
    const { id } = visitor.tenant;
    this.parts.notices.sessions(id, { ended: ended.flatMap(({ sessions }) => sessions), people });
    this.parts.notices.keys(
      id,
      ended.flatMap(({ keys }) => keys),
    );
    return done.result;
  }

  private async authenticate(stores: IdentityStores, visitor: ScimVisitor, now: Date): Promise<ScimToken | null> {
    const presented = readScimToken(visitor.authorization, visitor.tenant.schema);
    const found = presented === null ? null : await stores.scimTokens.find(presented.id);
    if (presented === null || found === null) return null;
    const { token, secretHash } = found;
    if (!sameHash(secretHash, presented.secretHash) || !isTokenUsable(token, now)) return null;
    const isStale = token.lastUsedAt === null || now.getTime() - token.lastUsedAt.getTime() >= seenEveryMs;
    if (isStale) await stores.scimTokens.used(token.id, now);
    return token;
  }

  private async refuse(visitor: ScimVisitor, now: Date): Promise<never> {
    const { start } = windowOf(now);
    await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const tries = await stores.attempts.add(`scim:${visitor.address}`, start);
      if (tries > toldRefusals) return;
      await this.parts.audit.write(stores, visitor, {
        action: 'scim.request',
        outcome: 'refused',
        reason: visitor.authorization === undefined ? 'no_token' : 'unknown_expired_or_revoked_token',
      });
    });
    throw new ScimError('unauthenticated', 'The token of the directory is not accepted here.');
  }
}
