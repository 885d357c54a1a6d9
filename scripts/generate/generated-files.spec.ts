import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ConfigSchema } from '#libs/platform/config.js';
import { installRoot } from '#libs/platform/install-root.js';
import { generatedFiles } from './generated-files.js';

describe('the settings', () => {
  it('each name a variable that is read, but for the name of the start', async () => {
    const reader = await readFile(join(installRoot(), 'libs/platform/load-config.ts'), 'utf8');
    const unread = Object.entries(ConfigSchema.shape).filter(
      ([, schema]) => !reader.includes(`'${String(schema.meta()?.['variable'])}'`),
    );

    expect(unread.map(([key]) => key)).toEqual(['bootId']);
  });
});

describe('npm run gen', () => {
  it('has been run since its sources changed', async () => {
    const stale: string[] = [];
    for (const [path, text] of await generatedFiles()) {
      const committed = await readFile(join(installRoot(), path), 'utf8').catch(() => '');
      if (committed !== text) stale.push(path);
    }

    expect(stale).toEqual([]);
  });

  it('gives the same texts each time', async () => {
    expect(await generatedFiles()).toEqual(await generatedFiles());
  });
});
