import type { Command } from 'commander';
import { stringify } from 'yaml';
import { installRoot, versionOf } from '#libs/platform/install-root.js';
import { type NamedText, type RenderedTenant, renderManifests } from '#libs/platform/render-manifests.js';
import { readManifestText } from './read-manifest.js';

interface Options {
  readonly filename: readonly string[];
  readonly platform?: string;
}

/** `whisper render`: what the operator would make of manifests, without a cluster. */
export function addRender(program: Command): void {
  program
    .command('render')
    .description('print the objects that tenants would have in a cluster, as YAML; secrets have placeholders')
    .requiredOption('-f, --filename <file...>', 'files of tenants, and of the backends they name; - is standard input')
    .option('--platform <file>', 'file of the WhisperPlatform, where it is not the default')
    .action(async ({ filename, platform }: Options) => {
      const files = await Promise.all(filename.map(read));
      const given = platform === undefined ? null : await read(platform);
      const rendered = renderManifests(files, given, versionOf(installRoot()));
      process.stdout.write(rendered.map(documents).join(''));
    });
}

async function read(file: string): Promise<NamedText> {
  return { file: file === '-' ? 'standard input' : file, text: await readManifestText(file) };
}

function documents({ name, isolation, objects }: RenderedTenant): string {
  if (isolation === 'pooled') return `---\n# ${name} is pooled: the shared apps serve it, and it owns no object.\n`;
  return objects.map((object) => `---\n${stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })}`).join('');
}
