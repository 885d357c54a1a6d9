import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ExportedTable, ExportReport } from '#libs/governance/ports/tenant-exporter.js';
import { AppError } from '#libs/kernel/errors.js';

const Snapshot = z.object({
  format: z.literal(1),
  tenant: z.object({ id: z.string(), slug: z.string(), epoch: z.int() }),
  schemaVersion: z.int(),
  takenAt: z.string(),
  tables: z.array(
    z.object({
      name: z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/),
      columns: z.array(z.string()),
      rows: z.int(),
      bytes: z.int(),
      sha256: z.string(),
    }),
  ),
});

export function tableFile(folder: string, table: string): string {
  return join(folder, `${table}.copy`);
}

function manifestFile(folder: string): string {
  return join(folder, 'manifest.json');
}

/** What stands in a file right now, read to its end. In text format each row is one line. */
export async function measureFile(path: string): Promise<Pick<ExportedTable, 'rows' | 'bytes' | 'sha256'>> {
  const hash = createHash('sha256');
  let rows = 0;
  let bytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 10) rows += 1;
  }
  return { rows, bytes, sha256: hash.digest('hex') };
}

/** Writes the manifest last and at once, so that a folder with one is whole. */
export async function writeManifest({ folder, ...report }: ExportReport): Promise<void> {
  const draft = `${manifestFile(folder)}.part`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify({ format: 1, ...report }, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, manifestFile(folder));
  await syncPath(folder);
}

/** Waits until a file, or the names in a folder, are on the disk. */
export async function syncPath(path: string): Promise<void> {
  const entry = await open(path, 'r');
  try {
    await entry.sync();
  } finally {
    await entry.close();
  }
}

/**
 * Reads a whole export back: each file's hash, size and rows against the manifest.
 * @throws {AppError} export_failed
 */
export async function verifySnapshot(folder: string): Promise<ExportReport> {
  const text = await readFile(manifestFile(folder), 'utf8').catch((cause: unknown) => {
    throw failed(`${manifestFile(folder)} cannot be read`, cause);
  });
  const { tenant, schemaVersion, takenAt, tables } = parse(text, folder);
  for (const table of tables) {
    const path = tableFile(folder, table.name);
    const found = await measureFile(path).catch((cause: unknown) => {
      throw failed(`${path} cannot be read`, cause);
    });
    if (found.sha256 !== table.sha256 || found.rows !== table.rows || found.bytes !== table.bytes)
      throw failed(`${path} is not what was written: ${found.rows} rows of ${table.rows}`);
  }
  return { folder, tenant, schemaVersion, takenAt, tables };
}

function parse(text: string, folder: string): z.infer<typeof Snapshot> {
  try {
    return Snapshot.parse(JSON.parse(text));
  } catch (cause) {
    throw failed(`${manifestFile(folder)} is not the manifest of an export`, cause);
  }
}

export function failed(what: string, cause?: unknown): AppError {
  return new AppError('export_failed', `The export is not whole: ${what}.`, { cause });
}
