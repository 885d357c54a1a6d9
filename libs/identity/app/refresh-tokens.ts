import type { SessionId, TenantId, UserId } from '#libs/kernel/ids.js';
import type { Sealer } from '#libs/tenancy/ports/sealer.js';
import type { RecheckedSession } from '../domain/recheck.js';
import type { IdentityStores } from '../ports/identity-stores.js';

/** Whose refresh token it is, and of which connection: one that is moved to another session's row cannot be opened. */
type TokenOwner = Pick<RecheckedSession, 'personId' | 'connection'>;

/** A session whose provider has just said yes. */
interface ProvenSession {
  readonly sessionId: SessionId;
  readonly personId: UserId;
  readonly connection: string;
  /** In plain text; null where the provider gave none. */
  readonly refreshToken: string | null;
}

/** Keeps the refresh tokens of sessions, sealed. */
export class RefreshTokens {
  constructor(private readonly sealerFor: (tenant: TenantId) => Sealer) {}

  /** From now on the provider is asked again with this token. In the caller's transaction. */
  async begin(stores: IdentityStores, tenant: TenantId, session: ProvenSession, at: Date): Promise<void> {
    const { refreshToken } = session;
    const sealed = refreshToken === null ? null : this.seal(tenant, session, refreshToken);
    await stores.rechecks.begin(session.sessionId, sealed, at);
  }

  seal(tenant: TenantId, owner: TokenOwner, token: string): string {
    return this.sealerFor(tenant).seal(token, contextOf(owner));
  }

  /** @throws {AppError} internal when it was sealed for somebody else, or under another key */
  open(tenant: TenantId, owner: TokenOwner, sealed: string): string {
    return this.sealerFor(tenant).open(sealed, contextOf(owner));
  }
}

function contextOf({ personId, connection }: TokenOwner): string {
  return `sso.refresh ${personId} ${connection}`;
}
