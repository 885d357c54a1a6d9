// Builds what is stale, and nothing else: each step is keyed by a hash of its sources.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const keys = join(root, 'dist', '.keys');

const web = (app) => ({
  name: `${app} web`,
  inputs: [`apps/${app}/web`, 'libs/ui', 'libs/contracts', 'libs/kernel', 'tsconfig.web.json', 'package-lock.json'],
  output: `dist/web/${app}/index.html`,
  command: [
    'node_modules/vite/bin/vite.js',
    'build',
    '--config',
    `apps/${app}/web/vite.config.ts`,
    '--logLevel',
    'warn',
  ],
  exists: () => existsSync(join(root, `apps/${app}/web/vite.config.ts`)),
});

const steps = [
  {
    name: 'servers',
    inputs: ['apps', 'libs', 'operator', 'scripts', 'test', 'tsconfig.json', 'package-lock.json'],
    skip: /^(apps\/\w+\/web|libs\/ui)\//,
    output: 'dist/.tsbuildinfo',
    command: ['node_modules/typescript-native/bin/tsc', '-p', 'tsconfig.json'],
    exists: () => true,
  },
  web('chat'),
  web('admin'),
];

function* files(path) {
  if (!existsSync(path)) return;
  if (statSync(path).isFile()) return yield path;
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) yield* files(child);
    else yield child;
  }
}

function hashOf(step) {
  const hash = createHash('sha256').update(process.version);
  for (const input of step.inputs)
    for (const file of files(join(root, input))) {
      const name = relative(root, file).replaceAll('\\', '/');
      if (step.skip?.test(name)) continue;
      hash.update(name).update('\0').update(readFileSync(file));
    }
  return hash.digest('hex');
}

/** Compiled files whose source is gone would still be found by the test runner. */
function removeOrphans() {
  for (const file of files(join(root, 'dist'))) {
    const name = relative(join(root, 'dist'), file).replaceAll('\\', '/');
    if (!/^(apps|libs|operator|scripts|test)\/.*\.js$/.test(name)) continue;
    if (!existsSync(join(root, name.replace(/\.js$/, '.ts')))) {
      rmSync(file);
      rmSync(`${file}.map`, { force: true });
    }
  }
}

for (const step of steps) {
  if (!step.exists()) continue;
  const keyFile = join(keys, step.name.replace(' ', '-'));
  const key = hashOf(step);
  if (existsSync(join(root, step.output)) && existsSync(keyFile) && readFileSync(keyFile, 'utf8') === key) continue;
  if (!existsSync(join(root, step.command[0]))) {
    if (existsSync(join(root, step.output))) continue;
    console.error(
      `whisper: cannot build the ${step.name}: the compiler is not installed. Run \`npm ci\` (without --omit=dev).`,
    );
    process.exit(1);
  }
  const startedAt = Date.now();
  const run = spawnSync(process.execPath, step.command, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (run.status !== 0) {
    console.error(`whisper: building the ${step.name} failed.`);
    process.exit(run.status ?? 1);
  }
  if (step.name === 'servers') removeOrphans();
  mkdirSync(keys, { recursive: true });
  writeFileSync(keyFile, key);
  console.error(`whisper: built the ${step.name} in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}
