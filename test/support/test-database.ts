import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { RandomIds } from '#libs/kernel/ids.js';
import { type Database, openDatabase } from '#libs/persistence/open-database.js';
import { openSecurity, type Tenant, type TenantProfile } from '#libs/tenancy/domain/tenant.js';

const migrationsFolder = fileURLToPath(new URL('../../../migrations', import.meta.url));

/** A profile with nothing set; `change` replaces fields. */
export function profileOf(slug: string, change: Partial<TenantProfile> = {}): TenantProfile {
  return {
    displayName: slug,
    ownerEmail: `owner@${slug}.example`,
    branding: { logo: null, primaryColor: null, greeting: null, starters: null, supportEmail: null, locale: null },
    sso: null,
    security: openSecurity,
    models: {
      backends: [],
      discover: null,
      found: null,
      allow: null,
      defaultModel: null,
      fallback: null,
      systemPrompt: null,
      rateLimits: null,
      monthlyMicroUsd: null,
      hardStop: null,
    },
    ...change,
  };
}

export interface TestDatabase extends Database {
  readonly adminUrl: string;
  /** Provisions a tenant that answers at `<slug>.localhost`. */
  provision(slug: string, change?: Partial<TenantProfile>): Promise<Tenant>;
}

/** URL of a fresh, empty database in the PostgreSQL of this test run. */
export async function freshDatabaseUrl(): Promise<string> {
  const server = process.env['WHISPER_TEST_POSTGRES'];
  if (server === undefined) throw new Error('the global setup has not started PostgreSQL');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.toString();
}

/** A prepared database of its own for one suite; close it in `afterAll`. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const adminUrl = await freshDatabaseUrl();
  const passwords = randomBytes(16).toString('hex');
  const database = await openDatabase({
    adminUrl,
    migrationsFolder,
    passwordFor: (purpose) => `${purpose}-${passwords}`,
    ids: new RandomIds(),
    poolSize: 8,
  });
  return {
    ...database,
    adminUrl,
    provision: (slug, change) =>
      database.registry.apply({
        slug,
        hosts: [`${slug}.localhost`],
        suspended: false,
        revision: 'r1',
        profile: profileOf(slug, change),
      }),
  };
}
