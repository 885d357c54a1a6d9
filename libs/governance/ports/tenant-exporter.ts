import type { TenantId } from '#libs/kernel/ids.js';

/** One table of an export: a file `<name>.copy` in PostgreSQL's text format, a row a line. */
export interface ExportedTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** What an export holds; the file `manifest.json` beside the tables. */
export interface ExportReport {
  /** Folder of this export, below the root that was asked for. */
  readonly folder: string;
  readonly tenant: { readonly id: string; readonly slug: string; readonly epoch: number };
  /** Version of the tenant schema. */
  readonly schemaVersion: number;
  readonly takenAt: string;
  readonly tables: readonly ExportedTable[];
}

/** Writes everything of a tenant into files. */
export abstract class TenantExporter {
  /**
   * Exports every table of the tenant's schema as of one moment into a folder of its own below `root`, reads it back,
   * and says so only when every hash and every row is there. Retire the tenant first where nothing may come after.
   * Safe to run again: an export of the same epoch that is whole is given as it is; half a one is written anew.
   * @throws {AppError} export_failed, not_found, shard_unavailable
   */
  abstract export(tenant: TenantId, root: string): Promise<ExportReport>;
  /**
   * Reads an export back.
   * @throws {AppError} export_failed naming the file that is missing or changed
   */
  abstract verify(folder: string): Promise<ExportReport>;
}
