import { closeDoors, connectAdmin, letIn, makeLogin, requireServer, withLogin } from './server-roles.js';
import { proveWalls } from './walls.js';

interface ShardPreparation {
  readonly name: string;
  readonly adminUrl: string;
  readonly installation: { readonly id: string; readonly appRole: string };
  readonly passwordFor: (purpose: string) => string;
}

/**
 * Makes a database ready for tenants: the apps' login, closed doors, and every wall tried. The login has the same
 * name and password on each shard, so that two shards may be two databases of one server. Safe to run again.
 * @returns how the apps log in
 * @throws {AppError} start_failed with the SQL that a database administrator must run
 */
export async function prepareShard(preparation: ShardPreparation): Promise<string> {
  const { name, adminUrl, installation, passwordFor } = preparation;
  const setting = `shard ${name}`;
  const client = await connectAdmin(adminUrl, setting);
  try {
    await requireServer(client, setting);
    await client.query(`select pg_advisory_lock(hashtextextended('whisper:install', 0))`);
    const password = passwordFor(installation.appRole);
    await makeLogin(client, installation.appRole, password);
    await letIn(client, installation.appRole);
    await closeDoors(client);
    const appUrl = withLogin(adminUrl, installation.appRole, password);
    await proveWalls(client, { ...installation, appUrl, setting });
    return appUrl;
  } finally {
    await client.end();
  }
}
