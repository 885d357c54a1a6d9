import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { installRoot } from '#libs/platform/install-root.js';
import { generatedFiles } from './generated-files.js';

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
