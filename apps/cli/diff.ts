import type { Command } from 'commander';
import { stringify } from 'yaml';
import { type DiffedObject, diffTenant } from '#libs/platform/diff-tenant.js';
import { readManifestText } from './read-manifest.js';
import { addClusterOptions, type ClusterOptions, withCluster } from './cluster.js';

interface Options extends ClusterOptions {
  readonly filename: string;
  readonly namespace: string;
}

/** `whisper diff`: what applying a manifest would change in a cluster; nothing is written. Exit status 1: something. */
export function addDiff(program: Command): void {
  addClusterOptions(
    program
      .command('diff')
      .description(
        'tell what applying the manifest of a tenant would change in a cluster, by a dry run of its API server',
      )
      .requiredOption('-f, --filename <file>', 'file of the tenant; - is standard input')
      .option('--namespace <name>', 'namespace of the operator', 'whisper-system'),
  ).action((options: Options) =>
    withCluster(options, async (client) => {
      const text = await readManifestText(options.filename);
      const { objects, isPooled } = await diffTenant(client, { file: options.filename, text }, options.namespace);
      if (isPooled)
        process.stdout.write('A pooled tenant owns no object: only its row and its schema follow the manifest.\n');
      for (const object of objects) process.stdout.write(textOf(object));
      if (objects.length > 0) process.exitCode = 1;
    }),
  );
}

function textOf({ title, before, after }: DiffedObject): string {
  if (before === null) return `+ ${title}\n`;
  if (after === null) return `- ${title}\n`;
  const lines = changes(linesOf(before), linesOf(after));
  return `~ ${title}\n${lines.map((line) => `    ${line}\n`).join('')}`;
}

const linesOf = (object: object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }).split('\n');

/** Lines that are on one side only, in their order: YAML of two states of one object differs in few. */
function changes(before: readonly string[], after: readonly string[]): readonly string[] {
  const gone = before.filter((line) => !after.includes(line)).map((line) => `- ${line.trim()}`);
  const come = after.filter((line) => !before.includes(line)).map((line) => `+ ${line.trim()}`);
  return [...gone, ...come];
}
