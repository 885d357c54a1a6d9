#!/usr/bin/env node
// The command line. In a checkout: npm run -s whisper -- --help
import { existsSync } from 'node:fs';

const main = new URL('../../dist/apps/cli/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write('whisper: not built yet. Run `npm ci` in the checkout first.\n');
  process.exit(1);
}
await import(main.href);
