import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { AppError } from '#libs/kernel/errors.js';

/** The text of a file of manifests; `-` is standard input. @throws {AppError} not_found */
export async function readManifestText(file: string): Promise<string> {
  if (file === '-') return textOf(process.stdin);
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new AppError('not_found', `The file ${file} cannot be read.`, {
      field: 'filename',
      action: 'Name a file of manifests.',
      cause,
    });
  });
}
