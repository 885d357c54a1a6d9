import type { EntityManager } from 'typeorm';
import type { ConversationEvent } from '#libs/contracts/chat-events.js';
import type { Conversation, Feedback, Message } from '#libs/chat/domain/conversation.js';
import { type ConversationChange, type ConversationPage, ConversationStore } from '#libs/chat/ports/chat-stores.js';
import type { ConversationId, MessageId, UserId } from '#libs/kernel/ids.js';
import { decodeCursor, encodeCursor } from '../cursor.js';
import {
  type ConversationRow,
  fromConversationRow,
  fromMessageRow,
  type MessageRow,
  selectConversation,
  selectMessage,
} from '../rows/chat-rows.js';

export class PostgresConversationStore extends ConversationStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async page({
    person,
    search,
    cursor,
    limit,
  }: ConversationPage): Promise<{ items: readonly Conversation[]; nextCursor: string | null }> {
    const [pinned = null, updatedAt = null, id = null] = cursor === null ? [] : decodeCursor(cursor, 3);
    const words = search === null || search === '' ? null : `%${search.replace(/[\\%_]/g, '\\$&')}%`;
    const rows = await this.manager.query<ConversationRow[]>(
      `${selectConversation} where c.person_id = $1 and c.deleted_at is null
         and ($2::text is null or c.title ilike $2 or exists (select 1 from message m where m.conversation_id = c.id and m.text ilike $2))
         and ($3::boolean is null or (c.pinned, c.updated_at, c.id) < ($3, $4::timestamptz, $5::uuid))
       order by c.pinned desc, c.updated_at desc, c.id desc limit $6`,
      [person, words, pinned, updatedAt, id, limit + 1],
    );
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    const nextCursor =
      rows.length > limit && last !== undefined ? encodeCursor([String(last.pinned), last.updated_key, last.id]) : null;
    return { items: items.map(fromConversationRow), nextCursor };
  }

  override async find(person: UserId, id: ConversationId): Promise<Conversation | null> {
    const [row] = await this.manager.query<ConversationRow[]>(
      `${selectConversation} where c.id = $1 and c.person_id = $2 and c.deleted_at is null`,
      [id, person],
    );
    return row === undefined ? null : fromConversationRow(row);
  }

  override async lock(person: UserId, id: ConversationId): Promise<Conversation | null> {
    await this.manager.query('select 1 from conversation where id = $1 and person_id = $2 for update', [id, person]);
    return this.find(person, id);
  }

  override async create(conversation: Conversation): Promise<void> {
    const { id, personId, title, pinned, model, createdAt, updatedAt } = conversation;
    await this.manager.query(
      'insert into conversation (id, person_id, title, pinned, model, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7)',
      [id, personId, title, pinned, model, createdAt, updatedAt],
    );
  }

  override async change(id: ConversationId, change: ConversationChange, at: Date | null): Promise<void> {
    await this.manager.query(
      `update conversation set title = coalesce($2, title), titled_by = case when $2::text is null then titled_by else 'person' end,
         pinned = coalesce($3, pinned), model = coalesce($4, model), active_leaf_id = coalesce($5, active_leaf_id), updated_at = coalesce($6, updated_at)
       where id = $1`,
      [id, change.title ?? null, change.pinned ?? null, change.model ?? null, change.activeLeafId ?? null, at],
    );
  }

  override async setDeleted(person: UserId, id: ConversationId, deletedAt: Date | null): Promise<boolean> {
    const rows = await this.manager.query<{ id: string }[]>(
      `with changed as (update conversation set deleted_at = $3 where id = $1 and person_id = $2 and (deleted_at is null) = ($3::timestamptz is not null) returning id)
       select id from changed`,
      [id, person, deletedAt],
    );
    return rows.length > 0;
  }

  override async purge(before: Date): Promise<number> {
    const rows = await this.manager.query<{ n: string }[]>(
      'with gone as (delete from conversation where deleted_at < $1 returning id) select count(*) as n from gone',
      [before],
    );
    return Number(rows[0]?.n ?? 0);
  }

  override async messages(id: ConversationId): Promise<readonly Message[]> {
    const rows = await this.manager.query<MessageRow[]>(
      `${selectMessage} where m.conversation_id = $1 order by m.created_at, m.id`,
      [id],
    );
    return rows.map(fromMessageRow);
  }

  override async findMessage(person: UserId, id: MessageId): Promise<Message | null> {
    const [row] = await this.manager.query<MessageRow[]>(
      `${selectMessage} join conversation c on c.id = m.conversation_id where m.id = $1 and c.person_id = $2 and c.deleted_at is null`,
      [id, person],
    );
    return row === undefined ? null : fromMessageRow(row);
  }

  override async addMessage(message: Message): Promise<void> {
    const { id, conversationId, parentId, role, text, createdAt } = message;
    await this.manager.query(
      'insert into message (id, conversation_id, parent_id, role, text, created_at) values ($1, $2, $3, $4, $5, $6)',
      [id, conversationId, parentId, role, text, createdAt],
    );
  }

  override async setText(id: MessageId, text: string): Promise<void> {
    await this.manager.query('update message set text = $2 where id = $1', [id, text]);
  }

  override async rate(person: UserId, id: MessageId, feedback: Feedback | null, at: Date): Promise<void> {
    if (feedback === null) {
      await this.manager.query('delete from feedback where message_id = $1', [id]);
      return;
    }
    await this.manager.query(
      `insert into feedback (message_id, person_id, rating, comment, at) values ($1, $2, $3, $4, $5)
       on conflict (message_id) do update set rating = excluded.rating, comment = excluded.comment, at = excluded.at`,
      [id, person, feedback.rating, feedback.comment, at],
    );
  }

  override async appendEvents(id: ConversationId, events: readonly ConversationEvent[], at: Date): Promise<number> {
    const [row] = await this.manager.query<{ seq: number }[]>(
      `with counted as (update conversation set event_seq = event_seq + $2 where id = $1 returning event_seq),
         logged as (insert into conversation_event (conversation_id, seq, event, at)
           select $1, counted.event_seq - $2 + one.position, one.event, $4 from counted, jsonb_array_elements($3::jsonb) with ordinality as one (event, position))
       select event_seq as seq from counted`,
      [id, events.length, JSON.stringify(events), at],
    );
    return row?.seq ?? 0;
  }

  override async eventsAfter(id: ConversationId, after: number): Promise<readonly ConversationEvent[] | null> {
    const rows = await this.manager.query<{ seq: number; event: ConversationEvent }[]>(
      'select seq, event from conversation_event where conversation_id = $1 and seq > $2 order by seq limit 500',
      [id, after],
    );
    return rows[0]?.seq === after + 1 && rows.length < 500 ? rows.map(({ event }) => event) : null;
  }
}
