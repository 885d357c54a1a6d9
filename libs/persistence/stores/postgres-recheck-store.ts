import type { EntityManager } from 'typeorm';
import type { RecheckedSession } from '#libs/identity/domain/recheck.js';
import { RecheckStore, type RecheckWanted } from '#libs/identity/ports/recheck-store.js';
import { type SessionId, sessionId, userId } from '#libs/kernel/ids.js';
import { sql } from '../sql.js';

interface TakenRecord {
  readonly id: string;
  readonly personId: string;
  readonly ssoConnection: string;
  readonly ssoSubject: string;
  readonly ssoRefresh: string | null;
  readonly checkedAt: Date;
}

export class PostgresRecheckStore extends RecheckStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async begin(id: SessionId, refreshToken: string | null, at: Date): Promise<void> {
    await sql(
      this.manager,
      `update session set sso_refresh = $2, sso_checked_at = $3, sso_asked_at = null
       where id = $1 and revoked_at is null`,
      [id, refreshToken, at],
    );
  }

  override async take({ checkedBefore, askedBefore }: RecheckWanted, now: Date): Promise<RecheckedSession | null> {
    const [row] = await sql<TakenRecord>(
      this.manager,
      `update session set sso_asked_at = $3
       where id = (
         select id from session
         where sso_connection is not null and sso_subject is not null and revoked_at is null and expires_at > $3
           and coalesce(sso_checked_at, created_at) <= $1
           and (sso_asked_at is null or sso_asked_at <= $2)
         order by coalesce(sso_asked_at, sso_checked_at, created_at)
         limit 1 for update skip locked)
       returning id, person_id, sso_connection, sso_subject, sso_refresh,
         coalesce(sso_checked_at, created_at) as checked_at`,
      [checkedBefore, askedBefore, now],
    );
    return row === undefined ? null : takenFrom(row);
  }

  override async replace(id: SessionId, from: string, to: string): Promise<void> {
    await sql(
      this.manager,
      'update session set sso_refresh = $3 where id = $1 and sso_refresh = $2 and revoked_at is null',
      [id, from, to],
    );
  }

  override async answered(id: SessionId, at: Date): Promise<void> {
    await sql(this.manager, 'update session set sso_checked_at = $2 where id = $1', [id, at]);
  }
}

function takenFrom(row: TakenRecord): RecheckedSession {
  return {
    id: sessionId(row.id),
    personId: userId(row.personId),
    connection: row.ssoConnection,
    subject: row.ssoSubject,
    refreshToken: row.ssoRefresh,
    checkedAt: row.checkedAt,
  };
}
