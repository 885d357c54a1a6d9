import type { EntityManager } from 'typeorm';
import { type SignInTicket, ticketTries } from '#libs/identity/domain/sign-in-ticket.js';
import { SignInTicketStore } from '#libs/identity/ports/sign-in-ticket-store.js';
import { type UserId, userId } from '#libs/kernel/ids.js';
import { sql } from '../sql.js';

type TicketRecord = Omit<SignInTicket, 'personId'> & { readonly personId: string };

const columns = 'person_id, purpose, method, proofs, password_mark, created_at, expires_at';

function ticketFrom(row: TicketRecord | undefined): SignInTicket | null {
  return row === undefined ? null : { ...row, personId: userId(row.personId) };
}

export class PostgresSignInTicketStore extends SignInTicketStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async add(ticket: SignInTicket, tokenHash: Uint8Array): Promise<void> {
    const { personId, purpose, method, proofs, passwordMark, createdAt, expiresAt } = ticket;
    await sql(
      this.manager,
      `insert into sign_in_ticket (token_hash, ${columns}) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [tokenHash, personId, purpose, method, proofs, passwordMark, createdAt, expiresAt],
    );
  }

  override async find(tokenHash: Uint8Array, now: Date): Promise<SignInTicket | null> {
    const [row] = await sql<TicketRecord>(
      this.manager,
      `select ${columns} from sign_in_ticket where token_hash = $1 and expires_at > $2 and failures < $3`,
      [tokenHash, now, ticketTries],
    );
    return ticketFrom(row);
  }

  override async take(tokenHash: Uint8Array, now: Date): Promise<SignInTicket | null> {
    const [row] = await sql<TicketRecord>(
      this.manager,
      `update sign_in_ticket set failures = failures + 1
       where token_hash = $1 and expires_at > $2 and failures < $3 returning ${columns}`,
      [tokenHash, now, ticketTries],
    );
    return ticketFrom(row);
  }

  override async removeOf(person: UserId): Promise<void> {
    await sql(this.manager, 'delete from sign_in_ticket where person_id = $1', [person]);
  }

  override async expire(now: Date): Promise<void> {
    await sql(this.manager, 'delete from sign_in_ticket where expires_at <= $1', [now]);
  }
}
