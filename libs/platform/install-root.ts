import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '#libs/kernel/errors.js';

/** Folder of the installation: the nearest one above this file that has package.json and migrations. */
export function installRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'migrations'))) return folder;
  throw new AppError('start_failed', 'The installation is not whole: its migrations are missing.', {
    action: 'Install Whisper again.',
  });
}

/** Version of the installation at `root`. */
export function versionOf(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return version;
}
