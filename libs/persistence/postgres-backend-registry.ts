import pg from 'pg';
import { BackendSpec } from '#libs/contracts/backend-spec.js';
import type { BackendDefinition } from '#libs/inference/domain/backend.js';
import { backendFromSpec } from '#libs/inference/domain/backend-from-spec.js';
import { BackendRegistry } from '#libs/inference/ports/backend-registry.js';
import { fromDatabase } from './database-errors.js';

/** The backends of the control database. */
export class PostgresBackendRegistry extends BackendRegistry {
  constructor(private readonly pool: pg.Pool) {
    super();
  }

  override async list(): Promise<readonly BackendDefinition[]> {
    try {
      const { rows } = await this.pool.query<{ name: string; revision: string; manifest: unknown }>(
        'select name, revision, manifest from whisper_control.backend order by name',
      );
      return rows.map((row) => backendFromSpec(row.name, BackendSpec.parse(row.manifest), row.revision));
    } catch (error) {
      throw fromDatabase(error);
    }
  }
}
