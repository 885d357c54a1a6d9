import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { installRoot } from '#libs/platform/install-root.js';
import { type BenchRow, benchRow } from './bench-row.js';

/** Scripts that a page loads before it can be used: those its HTML names, modulepreloads included. */
async function initialKilobytes(face: string): Promise<number> {
  const folder = join(installRoot(), 'dist', 'web', face);
  const html = await readFile(join(folder, 'index.html'), 'utf8');
  const scripts = new Set([...html.matchAll(/(?:src|href)="(\/[^"]+\.js)"/g)].map((match) => match[1] ?? ''));
  let bytes = 0;
  for (const path of scripts) bytes += gzipSync(await readFile(join(folder, path))).length;
  return bytes / 1024;
}

/** What a browser has to load first, compressed. */
export async function benchBundles(): Promise<BenchRow[]> {
  const row = async (face: string, goal: string) =>
    benchRow({
      bench: 'bundles',
      measure: `${face}: initial scripts, gzip`,
      value: await initialKilobytes(face),
      unit: 'KB',
      baseline: null,
      goal,
    });
  return [await row('chat', '<= 250'), await row('admin', '<= 300')];
}
