// npm run check: types, lint, format, layers, dead code. Runs all, then fails if any did.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const rooms = ['apps', 'libs', 'operator', 'scripts', 'test'];
const bin = (name) => `node_modules/${name}`;
const checks = [
  {
    name: 'types (servers)',
    command: [bin('typescript-native/bin/tsc'), '-p', 'tsconfig.json', '--noEmit', '--incremental', 'false'],
  },
  { name: 'types (web)', command: [bin('typescript-native/bin/tsc'), '-p', 'tsconfig.web.json'] },
  {
    name: 'lint',
    command: [bin('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings', ...rooms],
  },
  { name: 'format', command: [bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'] },
  {
    name: 'layers',
    command: [
      bin('dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'err',
      ...rooms,
    ],
  },
  { name: 'dead code', command: [bin('knip/bin/knip.js'), '--no-progress'] },
];

const failed = [];
for (const { name, command } of checks) {
  const startedAt = Date.now();
  const run = spawnSync(process.execPath, command, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  const took = `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
  console.log(run.status === 0 ? `ok    ${name} (${took})` : `FAIL  ${name} (${took})`);
  if (run.status !== 0) failed.push(name);
}
if (failed.length > 0) {
  console.error(`check failed: ${failed.join(', ')}`);
  process.exit(1);
}
