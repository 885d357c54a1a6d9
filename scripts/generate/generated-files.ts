import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BackendManifest, TenantManifest } from '#libs/contracts/tenant-spec.js';
import { installRoot } from '#libs/platform/install-root.js';
import { openApiOf } from '#libs/platform/openapi.js';
import { commandLinePage } from './command-line-page.js';
import { configurationPage } from './configuration-page.js';
import { backendColumns, definitionYaml, tenantColumns } from './custom-resource.js';
import { errorsPage } from './errors-page.js';
import { manifestsPage } from './manifests-page.js';
import { metricsPage } from './metrics-page.js';

const Package = z.object({ version: z.string() });

/** Every generated file by its path in the repository. The same sources always give the same texts. */
export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const { version } = Package.parse(JSON.parse(await readFile(join(installRoot(), 'package.json'), 'utf8')));
  const openApi = (['chat', 'admin', 'router'] as const).map((face): [string, string] => [
    `docs/reference/openapi-${face}.json`,
    `${JSON.stringify(openApiOf(face, version), null, 2)}\n`,
  ]);
  return new Map([
    ...openApi,
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/configuration.md', configurationPage()],
    ['docs/reference/manifests.md', manifestsPage()],
    ['docs/reference/metrics.md', await metricsPage()],
    ['docs/reference/command-line.md', commandLinePage()],
    [
      'crds/whispertenants.yaml',
      definitionYaml({
        kind: 'WhisperTenant',
        plural: 'whispertenants',
        shortName: 'wt',
        spec: TenantManifest.shape.spec,
        columns: tenantColumns,
      }),
    ],
    [
      'crds/modelbackends.yaml',
      definitionYaml({
        kind: 'ModelBackend',
        plural: 'modelbackends',
        shortName: 'mb',
        spec: BackendManifest.shape.spec,
        columns: backendColumns,
      }),
    ],
  ]);
}
