import type { EntityManager } from 'typeorm';

type Value = string | number | boolean | Date | Uint8Array | null | readonly (string | number | Date | null)[];

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}

/**
 * Runs one parameterised statement in the unit of work and gives its rows, column names in camel case.
 * `Row` is what the statement selects; it is the caller's word, as with every row mapping.
 */
export async function sql<Row>(manager: EntityManager, text: string, values: readonly Value[] = []): Promise<Row[]> {
  const result: unknown = await manager.query(text, [...values]);
  // TypeORM answers an UPDATE or DELETE with [rows, count].
  const isPair = Array.isArray(result) && result.length === 2 && Array.isArray(result[0]);
  const rows = (isPair ? result[0] : result) as Record<string, unknown>[];
  return rows.map(
    (row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [camelCase(name), value])) as Row,
  );
}
