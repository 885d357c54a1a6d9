import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { subject } from '@casl/ability';
import fc from 'fast-check';
import pg from 'pg';
import { type Ability, abilityFrom, type Facts, type RoleRule } from '#libs/identity/domain/rights.js';
import { visibleTo } from '#libs/persistence/ability-sql.js';
import { freshDatabaseUrl } from '#test/support/test-database.js';

const value = fc.constantFrom('a', 'b', 'A', '', "it's", '%', '\\', null);
const facts = ['id', 'role', 'state'] as const;
const columns = { id: 'id', role: 'role', state: 'state' };
const list = fc.array(value, { maxLength: 3 });
const comparison = fc.oneof(
  value,
  fc
    .record({ $eq: value, $ne: value, $in: list, $nin: list }, { requiredKeys: [] })
    .filter((one) => Object.keys(one).length > 0),
);
const conditions = fc.dictionary(fc.constantFrom(...facts), comparison, { maxKeys: 3 });
const rule: fc.Arbitrary<RoleRule> = fc
  .record(
    {
      inverted: fc.boolean(),
      conditions,
      subject: fc.constantFrom('person' as const, 'key' as const),
      action: fc.constantFrom('read' as const, 'change' as const),
      fields: fc.constantFrom(['email'], ['role', 'state']),
    },
    { requiredKeys: ['subject', 'action'] },
  )
  .map((one) => one as RoleRule);
const mayReadAny = (ability: Ability, one: Facts) => ability.can('read', subject('person', { ...one }));
const row = fc.record({ id: value, role: value, state: value });

describe('what an ability lets a list show', () => {
  let client: pg.Client;

  beforeAll(async () => {
    client = new pg.Client({ connectionString: await freshDatabaseUrl() });
    await client.connect();
    await client.query('create temporary table thing (n integer, id text, role text, state text)');
  });
  afterAll(() => client.end());

  const inDatabase = async (ability: Ability): Promise<number[]> => {
    const { text, values } = visibleTo(ability, { action: 'read', subject: 'person', columns }, 0);
    const { rows } = await client.query<{ n: number }>(`select n from thing where ${text} order by n`, [...values]);
    return rows.map(({ n }) => n);
  };

  it('is in the database what it is in memory, whatever the rules and the rows', async () => {
    let shown = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(rule, { maxLength: 6 }),
        fc.array(row, { minLength: 1, maxLength: 8 }),
        async (rules, rows) => {
          const ability = abilityFrom(rules, 'a');
          await client.query('truncate thing');
          for (const [n, { id, role, state }] of rows.entries())
            await client.query('insert into thing values ($1, $2, $3, $4)', [n, id, role, state]);
          const inMemory = rows.flatMap((one, n) => (mayReadAny(ability, one) ? [n] : []));

          expect(await inDatabase(ability)).toEqual(inMemory);
          shown += inMemory.length;
        },
      ),
      { numRuns: 400 },
    );
    // A comparison of nothing with nothing would prove nothing.
    expect(shown).toBeGreaterThan(100);
  }, 60_000);

  it('is nothing where no rule allows anything', () => {
    expect(visibleTo(abilityFrom([], ''), { action: 'read', subject: 'person', columns }, 0)).toEqual({
      text: 'false',
      values: [],
    });
  });

  it.each<[string, RoleRule]>([
    ['a fact that the list does not know', { action: 'read', subject: 'person', conditions: { password_hash: 'x' } }],
    [
      'an operator that lists do not know',
      { action: 'read', subject: 'person', conditions: { role: { $regex: '.*' } } },
    ],
    ['a value that is no text', { action: 'read', subject: 'person', conditions: { role: 1 } }],
  ])('is an error for %s', (_case, one) => {
    const ability = abilityFrom([one], '');
    expect(() => visibleTo(ability, { action: 'read', subject: 'person', columns }, 0)).toThrow(
      expect.objectContaining({ code: 'internal' }),
    );
  });
});
