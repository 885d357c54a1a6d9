import pg from 'pg';
import { RandomIds, type UserId, userId } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TestDatabase } from './test-database.js';

/** Puts a person straight into a tenant's schema, for suites that are not about sign-in. */
export async function addPerson(database: TestDatabase, tenant: Tenant, email: string): Promise<UserId> {
  const id = userId(new RandomIds().next());
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  await client.query(
    `insert into ${tenant.schema}.person (id, email, name, role, created_at) values ($1, $2, 'Test', 'member', now())`,
    [id, email],
  );
  await client.end();
  return id;
}
