import { EntitySchema } from 'typeorm';
import type { Person } from '#libs/identity/domain/person.js';
import { userId } from '#libs/kernel/ids.js';

export interface PersonRecord extends Omit<Person, 'id'> {
  readonly id: string;
}

export const PersonRow = new EntitySchema<PersonRecord>({
  name: 'person',
  columns: {
    id: { type: 'uuid', primary: true },
    email: { type: 'text' },
    name: { type: 'text' },
    role: { type: 'text' },
    state: { type: 'text' },
    passwordHash: { type: 'text', name: 'password_hash', nullable: true },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    lastSeenAt: { type: 'timestamptz', name: 'last_seen_at', nullable: true },
  },
});

export function personFrom(row: PersonRecord): Person {
  return {
    id: userId(row.id),
    email: row.email,
    name: row.name,
    role: row.role,
    state: row.state,
    passwordHash: row.passwordHash,
    createdAt: row.createdAt,
    lastSeenAt: row.lastSeenAt,
  };
}
