import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { cp, mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { errorTable } from '#libs/kernel/errors.js';
import { installRoot } from '#libs/platform/install-root.js';
import { z } from 'zod';

const root = installRoot();

/** Server sources: everything that runs, without tests, web pages and scripts. */
function sources(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const room of ['apps', 'libs', 'operator'])
    for (const entry of readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })) {
      const path = `${room}/${entry.replaceAll('\\', '/')}`;
      if (!path.endsWith('.ts') || path.endsWith('.spec.ts') || /^(apps\/\w+\/web|libs\/ui)\//.test(path)) continue;
      found.set(path, readFileSync(join(root, path), 'utf8'));
    }
  return found;
}

function withText(pattern: RegExp, allowed: readonly string[] = []): string[] {
  return [...sources()].filter(([path, text]) => pattern.test(text) && !allowed.includes(path)).map(([path]) => path);
}

describe('the sources', () => {
  it('use every error code of the table', () => {
    const elsewhere = [...sources()].filter(([path]) => path !== 'libs/kernel/errors.ts').map(([, text]) => text);
    const used = elsewhere.join('\n');

    expect(Object.keys(errorTable).filter((code) => !new RegExp(`['"]${code}['"]`).test(used))).toEqual([]);
  });

  it('throw no bare errors', () => {
    expect(withText(/throw new Error\(/)).toEqual([]);
  });

  it('read the environment in one place', () => {
    // The demo answer shows a reader's own program that does.
    expect(
      withText(/process\.env|from 'node:process'/, ['libs/platform/load-config.ts', 'libs/backends/demo/demo-text.ts']),
    ).toEqual([]);
  });
});

const Manifest = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
  optionalDependencies: z.record(z.string(), z.string()),
});
const Lock = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional(), integrity: z.string().optional() })),
});
const NestCli = z.object({ projects: z.record(z.string(), z.object({ entryFile: z.string() })) });
const json = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));

describe('the installation', () => {
  const manifest = Manifest.parse(json('package.json'));

  it('pins every database binary in the lock, with its hash, whatever machine wrote it', () => {
    const { packages } = Lock.parse(json('package-lock.json'));
    const locked = Object.keys(manifest.optionalDependencies).map((name) => {
      const entry = packages[`node_modules/${name}`];
      return [name, entry?.integrity === undefined ? undefined : entry.version];
    });

    expect(Object.fromEntries(locked)).toEqual(manifest.optionalDependencies);
  });

  it('names one exact version of each package', () => {
    const versions = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };

    expect(
      Object.entries(versions).filter(([, version]) => !/^(npm:\w+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
    ).toEqual([]);
  });

  it('names entry files of Nest projects that exist', () => {
    const { projects } = NestCli.parse(json('nest-cli.json'));

    const missing = Object.values(projects).filter(({ entryFile }) => !existsSync(join(root, `${entryFile}.ts`)));

    expect(Object.keys(projects)).toEqual(expect.arrayContaining(['chat', 'router', 'admin', 'standalone']));
    expect(missing).toEqual([]);
  });
});

/** Runs the layer check over a small tree of its own. @returns the rules that were broken */
async function brokenRules(files: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'whisper-layers-'));
  try {
    for (const name of ['.dependency-cruiser.cjs', 'package.json', 'tsconfig.json'])
      await cp(join(root, name), join(folder, name));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const cruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const { stdout } = spawnSync(
      process.execPath,
      [
        cruise,
        '--config',
        '.dependency-cruiser.cjs',
        '--output-type',
        'json',
        ...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? '')),
      ],
      { cwd: folder, encoding: 'utf8' },
    );
    const { summary } = z
      .object({ summary: z.object({ violations: z.array(z.object({ rule: z.object({ name: z.string() }) })) }) })
      .parse(JSON.parse(stdout));
    return summary.violations.map(({ rule }) => rule.name).toSorted();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('the layer check', () => {
  const empty = 'export const nothing = 0;\n';
  const using = (path: string) => `import { nothing } from '${path}';\nexport const something = nothing;\n`;

  it.each<[string, string[], Record<string, string>]>([
    [
      'lets a use case know its ports',
      [],
      { 'libs/chat/app/a.ts': using('../ports/b.js'), 'libs/chat/ports/b.ts': empty },
    ],
    [
      'keeps adapters out of use cases',
      ['app-orders-steps'],
      { 'libs/chat/app/a.ts': using('#libs/persistence/b.js'), 'libs/persistence/b.ts': empty },
    ],
    [
      'keeps drivers out of the domain',
      ['domain-is-pure'],
      { 'libs/chat/domain/a.ts': "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n" },
    ],
    [
      'keeps the kernel at the bottom',
      ['kernel-imports-nothing'],
      { 'libs/kernel/a.ts': using('#libs/contracts/b.js'), 'libs/contracts/b.ts': empty },
    ],
    [
      'lets only libs/platform choose adapters',
      ['adapters-only-in-platform'],
      { 'apps/chat/a.ts': using('#libs/signin/b.js'), 'libs/signin/b.ts': empty },
    ],
    [
      'keeps apps apart',
      ['apps-stand-alone'],
      { 'apps/chat/a.ts': using('#apps/admin/b.js'), 'apps/admin/b.ts': empty },
    ],
    [
      'keeps server code out of browsers',
      ['web-knows-contracts'],
      { 'libs/ui/a.ts': using('#libs/platform/b.js'), 'libs/platform/b.ts': empty },
    ],
    [
      'finds cycles',
      ['no-cycles'],
      {
        'libs/kernel/a.ts': using('./b.js').replace('something', 'nothing2'),
        'libs/kernel/b.ts': `import { nothing2 } from './a.js';\nexport const nothing = nothing2;\n`,
      },
    ],
  ])('%s', async (_case, expected, files) => {
    expect(await brokenRules(files)).toEqual(expected);
  });
});
