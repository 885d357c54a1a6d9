import type { EntityManager } from 'typeorm';
import type { Person } from '#libs/identity/domain/person.js';
import type { SessionLimits } from '#libs/identity/domain/session-limits.js';
import type { SessionFace, SignInSession } from '#libs/identity/domain/sign-in-session.js';
import {
  type ProviderSignOut,
  type RenewedSession,
  SignInSessionStore,
} from '#libs/identity/ports/sign-in-session-store.js';
import { type SessionId, sessionId, type UserId } from '#libs/kernel/ids.js';
import { personFrom, type PersonRecord } from '../rows/person-row.js';
import { sessionFrom, type SessionRecord, SessionRow } from '../rows/session-row.js';
import { sql } from '../sql.js';

export class PostgresSignInSessionStore extends SignInSessionStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async add(session: SignInSession, tokenHash: Uint8Array): Promise<void> {
    const { sso, ...plain } = session;
    await this.manager.getRepository(SessionRow).insert({
      ...plain,
      tokenHash,
      ssoConnection: sso?.connection ?? null,
      ssoSubject: sso?.subject ?? null,
      ssoSession: sso?.providerSession ?? null,
      ssoHint: sso?.signOutHint ?? null,
    });
  }

  override async byToken(
    face: SessionFace,
    tokenHash: Uint8Array,
  ): Promise<{ readonly session: SignInSession; readonly person: Person } | null> {
    const [row] = await sql<SessionRecord>(
      this.manager,
      'select * from session where token_hash = $1 and face = $2 and revoked_at is null',
      [tokenHash, face],
    );
    if (row === undefined) return null;
    const [person] = await sql<PersonRecord>(this.manager, 'select * from person where id = $1', [row.personId]);
    return person === undefined ? null : { session: sessionFrom(row), person: personFrom(person) };
  }

  override async seen(id: SessionId, at: Date): Promise<void> {
    await sql(this.manager, 'update session set last_seen_at = $2 where id = $1', [id, at]);
  }

  override async renew(
    id: SessionId,
    { authenticatedAt, seenAt, proofs, sso }: RenewedSession,
    tokenHash: Uint8Array,
  ): Promise<boolean> {
    const rows = await sql<{ id: string }>(
      this.manager,
      `update session set token_hash = $2, authenticated_at = $3, last_seen_at = $4, proofs = $9,
         sso_connection = coalesce($5, sso_connection), sso_subject = coalesce($6, sso_subject),
         sso_session = case when $5::text is null then sso_session else $7 end,
         sso_hint = case when $5::text is null then sso_hint else $8 end
       where id = $1 and revoked_at is null returning id`,
      [
        id,
        tokenHash,
        authenticatedAt,
        seenAt,
        sso?.connection ?? null,
        sso?.subject ?? null,
        sso?.providerSession ?? null,
        sso?.signOutHint ?? null,
        proofs,
      ],
    );
    return rows.length === 1;
  }

  override async ofPerson(person: UserId): Promise<readonly SignInSession[]> {
    const rows = await sql<SessionRecord>(
      this.manager,
      'select * from session where person_id = $1 and revoked_at is null order by created_at desc, id desc limit 200',
      [person],
    );
    return rows.map(sessionFrom);
  }

  override async revoke(person: UserId, id: SessionId, at: Date): Promise<boolean> {
    const rows = await sql<{ id: string }>(
      this.manager,
      'update session set revoked_at = $3, sso_refresh = null where id = $2 and person_id = $1 and revoked_at is null returning id',
      [person, id, at],
    );
    return rows.length === 1;
  }

  override async revokeAll(person: UserId, except: SessionId | null, at: Date): Promise<readonly SessionId[]> {
    const rows = await sql<{ id: string }>(
      this.manager,
      `update session set revoked_at = $3, sso_refresh = null
       where person_id = $1 and ($2::uuid is null or id <> $2) and revoked_at is null returning id`,
      [person, except, at],
    );
    return rows.map(({ id }) => sessionId(id));
  }

  override async byId(id: SessionId): Promise<SignInSession | null> {
    const [row] = await sql<SessionRecord>(this.manager, 'select * from session where id = $1', [id]);
    return row === undefined ? null : sessionFrom(row);
  }

  override async revokeFace(person: UserId, face: SessionFace, at: Date): Promise<readonly SessionId[]> {
    const rows = await sql<{ id: string }>(
      this.manager,
      'update session set revoked_at = $3, sso_refresh = null where person_id = $1 and face = $2 and revoked_at is null returning id',
      [person, face, at],
    );
    return rows.map(({ id }) => sessionId(id));
  }

  override async revokeByProvider(order: ProviderSignOut, at: Date): Promise<readonly SignInSession[]> {
    const rows = await sql<SessionRecord>(
      this.manager,
      `update session set revoked_at = $4, sso_refresh = null
       where sso_connection = $1 and revoked_at is null
         and ($2::text is null or sso_subject = $2) and ($3::text is null or sso_session = $3)
       returning *`,
      [order.connection, order.subject, order.providerSession, at],
    );
    return rows.map(sessionFrom);
  }

  override async expire(limits: SessionLimits, now: Date): Promise<readonly SessionId[]> {
    const before = (ms: number) => new Date(now.getTime() - ms);
    const { chat, admin } = limits;
    const rows = await sql<{ id: string }>(
      this.manager,
      `delete from session
       where expires_at <= $1
          or revoked_at is not null
          or last_seen_at <= case face when 'chat' then $2::timestamptz else $3::timestamptz end
          or created_at <= case face when 'chat' then $4::timestamptz else $5::timestamptz end
       returning id`,
      [now, before(chat.idleMs), before(admin.idleMs), before(chat.absoluteMs), before(admin.absoluteMs)],
    );
    return rows.map(({ id }) => sessionId(id));
  }
}
