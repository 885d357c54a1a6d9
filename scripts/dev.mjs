// npm run dev: compiles on change and restarts the platform in about a second; web pages rebuild beside it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
await import('./build.mjs');
const start = (command) => spawn(process.execPath, command, { cwd: root, stdio: 'inherit' });

const children = [
  start(['node_modules/typescript-native/bin/tsc', '-p', 'tsconfig.json', '--watch', '--preserveWatchOutput']),
  ...['chat', 'admin']
    .filter((app) => existsSync(join(root, `apps/${app}/web/vite.config.ts`)))
    .map((app) =>
      start([
        'node_modules/vite/bin/vite.js',
        'build',
        '--watch',
        '--config',
        `apps/${app}/web/vite.config.ts`,
        '--logLevel',
        'warn',
      ]),
    ),
  start([
    '--watch',
    '--watch-preserve-output',
    '--enable-source-maps',
    'dist/apps/standalone/main.js',
    ...process.argv.slice(2),
  ]),
];
const stop = () => children.forEach((child) => child.kill('SIGINT'));
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
