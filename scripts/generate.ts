import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { installRoot } from '#libs/platform/install-root.js';
import { generatedFiles } from './generate/generated-files.js';

// npm run gen: the reference pages, the OpenAPI documents and the CustomResourceDefinitions, from their sources.
for (const [path, text] of await generatedFiles()) {
  const file = join(installRoot(), path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
