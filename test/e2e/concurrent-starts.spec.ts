import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { prepareInstallation, withCreateRight } from '#libs/persistence/installation.js';
import { readMigrations } from '#libs/persistence/migrations.js';
import { installRoot } from '#libs/platform/install-root.js';
import { freshDatabaseUrl } from '#test/support/test-database.js';

it('lets many processes prepare one database at the same time', async () => {
  const adminUrl = await freshDatabaseUrl();
  const migrations = await readMigrations(join(installRoot(), 'migrations/platform'));
  const start = async () => {
    const passwordFor = (purpose: string) => `password of ${purpose}`;
    const { jobsRole } = await prepareInstallation({ adminUrl, migrations, passwordFor, isShardToo: true });
    await withCreateRight(adminUrl, jobsRole, () => Promise.resolve());
  };

  const starts = await Promise.allSettled(Array.from({ length: 12 }, start));

  expect(starts.filter(({ status }) => status === 'rejected')).toEqual([]);
});
