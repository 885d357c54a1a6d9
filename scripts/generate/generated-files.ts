import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { installRoot } from '#libs/platform/install-root.js';
import { openApiOf } from '#libs/platform/openapi.js';
import { chartFiles } from './chart-files.js';
import { commandLinePage } from './command-line-page.js';
import { configurationPage } from './configuration-page.js';
import { definitionYaml } from './custom-resource.js';
import { errorsPage } from './errors-page.js';
import { manifestsPage } from './manifests-page.js';
import { metricsPage } from './metrics-page.js';
import { resourceKinds } from './resource-kinds.js';

const Package = z.object({ version: z.string() });

/** Every generated file by its path in the repository. The same sources always give the same texts. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const { version } = Package.parse(JSON.parse(await readFile(join(installRoot(), 'package.json'), 'utf8')));
  const openApi = (['chat', 'admin', 'router'] as const).map((face): [string, string] => [
    `docs/reference/openapi-${face}.json`,
    `${JSON.stringify(openApiOf(face, version), null, 2)}\n`,
  ]);
  const definitions = resourceKinds.map((definition): [string, string] => [
    `crds/${definition.plural}.yaml`,
    definitionYaml(definition),
  ]);
  return new Map([
    ...openApi,
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/configuration.md', configurationPage()],
    ['docs/reference/manifests.md', manifestsPage()],
    ['docs/reference/metrics.md', await metricsPage()],
    ['docs/reference/command-line.md', commandLinePage()],
    ...definitions,
    ...(await chartFiles(installRoot())),
  ]);
}
