import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { watch as watchFiles } from 'chokidar';
import { AppError } from '#libs/kernel/errors.js';
import { ManifestSource, type ManifestSnapshot } from '#libs/tenancy/ports/manifest-source.js';
import { problemText, readManifests } from './manifest.js';

const isManifest = (name: string) => /\.ya?ml$/i.test(name) && !name.startsWith('.');

/** Editors write a file in several steps; this long without a change means it is whole. */
const quietMs = 150;

/** Manifests as the YAML files of one folder. */
export class ManifestFolder extends ManifestSource {
  constructor(private readonly folder: string) {
    super();
  }

  override async read(): Promise<ManifestSnapshot> {
    const names = await readdir(this.folder).catch((cause: unknown) => {
      throw new AppError('start_failed', `The folder of manifests ${this.folder} cannot be read.`, {
        field: 'tenants',
        action: 'Name a folder that is there with --tenants.',
        cause,
      });
    });
    const problems: string[] = [];
    const brokenNames = new Set<string>();
    const tenants = new Map<string, ManifestSnapshot['tenants'][number]>();
    const backends = new Map<string, ManifestSnapshot['backends'][number]>();
    let incomplete = false;
    for (const name of names.filter(isManifest).sort()) {
      const text = await readFile(join(this.folder, name), 'utf8').catch(() => null);
      if (text === null) {
        incomplete = true;
        problems.push(`${name}: the file cannot be read`);
        continue;
      }
      const file = readManifests(name, text);
      for (const problem of file.problems) {
        problems.push(problemText(problem));
        if (problem.name === null) incomplete = true;
        else brokenNames.add(problem.name);
      }
      for (const found of file.manifests) {
        const target = found.kind === 'tenant' ? tenants : backends;
        const key = found.manifest.metadata.name;
        if (target.has(key)) {
          problems.push(`${name}: ${key}: metadata.name is used twice; give each object its own name`);
          continue;
        }
        if (found.kind === 'tenant') tenants.set(key, found);
        else backends.set(key, found);
      }
    }
    return { tenants: [...tenants.values()], backends: [...backends.values()], problems, brokenNames, incomplete };
  }

  override async watch(changed: () => void): Promise<() => Promise<void>> {
    let timer: NodeJS.Timeout | undefined;
    const watcher = watchFiles(this.folder, { depth: 0, ignoreInitial: true });
    watcher.on('all', () => {
      clearTimeout(timer);
      timer = setTimeout(changed, quietMs);
    });
    await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
    return async () => {
      clearTimeout(timer);
      await watcher.close();
    };
  }
}
