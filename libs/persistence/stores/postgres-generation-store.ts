import type { EntityManager } from 'typeorm';
import type { Generation } from '#libs/chat/domain/conversation.js';
import type {
  AnswerStatus,
  EventRange,
  Notice,
  TurnEvent,
  TurnFault,
  TurnState,
  Usage,
} from '#libs/chat/domain/turn.js';
import { GenerationStore } from '#libs/chat/ports/chat-stores.js';
import type { GenerationId, UserId } from '#libs/kernel/ids.js';
import { fromGenerationRow, type GenerationRow, selectGeneration } from '../rows/chat-rows.js';

interface RangeRow {
  readonly epoch: number;
  readonly from_seq: number;
  readonly to_seq: number;
  readonly events: readonly TurnEvent[];
}

interface EndRow {
  readonly status: AnswerStatus;
  readonly model: string;
  readonly demo: boolean;
  readonly text: string;
  readonly notices: readonly Notice[];
  readonly finish_reason: string | null;
  readonly usage: Usage | null;
  readonly error: TurnFault | null;
  readonly first_token_ms: number | null;
  readonly ended_at: Date | null;
}

export class PostgresGenerationStore extends GenerationStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  private async one(where: string, values: unknown[]): Promise<Generation | null> {
    const [row] = await this.manager.query<GenerationRow[]>(`${selectGeneration} where ${where}`, values);
    return row === undefined ? null : fromGenerationRow(row);
  }

  override findByClientId(person: UserId, clientId: string): Promise<Generation | null> {
    return this.one('g.client_id = $1 and g.person_id = $2', [clientId, person]);
  }

  override find(person: UserId, id: GenerationId): Promise<Generation | null> {
    return this.one('g.id = $1 and g.person_id = $2', [id, person]);
  }

  override async create(generation: Generation, owner: string, at: Date): Promise<void> {
    const { id, conversationId, messageId, userMessageId, clientId, personId, model } = generation;
    await this.manager.query(
      `insert into generation (id, conversation_id, message_id, user_message_id, client_id, person_id, status, owner, heartbeat_at, model, started_at)
       values ($1, $2, $3, $4, $5, $6, 'running', $7, $8, $9, $8)`,
      [id, conversationId, messageId, userMessageId, clientId, personId, owner, at, model],
    );
  }

  override async appendEvents(id: GenerationId, range: EventRange): Promise<void> {
    // A commit whose answer was lost is tried again, so the same range may come twice.
    await this.manager.query(
      'insert into generation_event (generation_id, epoch, from_seq, to_seq, events) values ($1, $2, $3, $4, $5) on conflict do nothing',
      [id, range.epoch, range.from, range.to, JSON.stringify(range.events)],
    );
  }

  override async eventsFrom(id: GenerationId, epoch: number, after: number): Promise<readonly EventRange[]> {
    const rows = await this.manager.query<RangeRow[]>(
      'select epoch, from_seq, to_seq, events from generation_event where generation_id = $1 and epoch = $2 and to_seq > $3 order by from_seq',
      [id, epoch, after],
    );
    return rows.map((row) => ({ epoch: row.epoch, from: row.from_seq, to: row.to_seq, events: row.events }));
  }

  override async beat(id: GenerationId, epoch: number, at: Date): Promise<{ readonly stop: boolean }> {
    const [row] = await this.manager.query<{ stop: boolean }[]>(
      `with beaten as (update generation set heartbeat_at = $3 where id = $1 and epoch = $2 and status = 'running' returning stop_requested_at is not null as stop)
       select stop from beaten`,
      [id, epoch, at],
    );
    return { stop: row?.stop ?? true };
  }

  override async requestStop(person: UserId, id: GenerationId, at: Date): Promise<boolean> {
    const rows = await this.manager.query<{ id: string }[]>(
      `with asked as (update generation set stop_requested_at = coalesce(stop_requested_at, $3) where id = $1 and person_id = $2 and status = 'running' returning id)
       select id from asked`,
      [id, person, at],
    );
    return rows.length > 0;
  }

  override async finish(
    id: GenerationId,
    end: { readonly epoch: number; readonly seq: number; readonly state: TurnState },
  ): Promise<boolean> {
    const { state } = end;
    const rows = await this.manager.query<{ id: string }[]>(
      `with ended as (update generation set status = $2, epoch = $3, seq = $4, model = $5, demo = $6, notices = $7, finish_reason = $8, usage = $9, error = $10,
           first_token_ms = $11, ended_at = $12
         where id = $1 and status = 'running' and epoch <= $3 returning id)
       select id from ended`,
      [
        id,
        state.status,
        end.epoch,
        end.seq,
        state.model,
        state.demo,
        JSON.stringify(state.notices),
        state.finishReason,
        state.usage === null ? null : JSON.stringify(state.usage),
        state.error === null ? null : JSON.stringify(state.error),
        state.firstTokenMs,
        state.endedAt,
      ],
    );
    return rows.length > 0;
  }

  override async endState(id: GenerationId): Promise<TurnState | null> {
    const [row] = await this.manager.query<EndRow[]>(
      `select g.status, g.model, g.demo, m.text, g.notices, g.finish_reason, g.usage, g.error, g.first_token_ms, g.ended_at
       from generation g join message m on m.id = g.message_id where g.id = $1`,
      [id],
    );
    if (row === undefined) return null;
    const { finish_reason: finishReason, first_token_ms: firstTokenMs, ended_at: endedAt, ...rest } = row;
    return { ...rest, finishReason, firstTokenMs, endedAt: endedAt?.toISOString() ?? null };
  }

  override async orphans(owner: string, before: Date): Promise<readonly Generation[]> {
    const rows = await this.manager.query<GenerationRow[]>(
      `${selectGeneration} where g.status = 'running' and g.owner <> $1 and g.heartbeat_at <= $2 order by g.heartbeat_at limit 100 for update skip locked`,
      [owner, before],
    );
    return rows.map(fromGenerationRow);
  }

  override async expireEvents(before: Date): Promise<number> {
    const rows = await this.manager.query<{ n: string }[]>(
      `with old as (delete from generation_event e using generation g where g.id = e.generation_id and g.ended_at < $1 returning 1) select count(*) as n from old`,
      [before],
    );
    return Number(rows[0]?.n ?? 0);
  }
}
