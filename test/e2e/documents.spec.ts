import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { BackendManifest } from '#libs/contracts/backend-spec.js';
import { PlatformManifest } from '#libs/contracts/platform-spec.js';
import { ShardManifest } from '#libs/contracts/shard-spec.js';
import { TenantManifest } from '#libs/contracts/tenant-spec.js';
import { installRoot } from '#libs/platform/install-root.js';

const root = installRoot();

function pages(): readonly { readonly path: string; readonly text: string }[] {
  const written = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((path) => `docs/${path.replaceAll('\\', '/')}`)
    .concat(readdirSync(root))
    .filter((path) => path.endsWith('.md'));
  return written.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** Code spans hold patterns that look like links. */
function withoutCode(text: string): string {
  return text.replace(/`[^`\n]*`/g, '');
}

/** Every match's first group in every page, with the page's path. */
function all(pattern: RegExp, read = (text: string) => text): readonly (readonly [string, string])[] {
  return pages().flatMap(({ path, text }) =>
    [...read(text).matchAll(pattern)].map((match): [string, string] => [path, match[1] ?? '']),
  );
}

/** The address GitHub gives a heading. */
function anchors(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('the documents', () => {
  it('link to pages and headings that are there', () => {
    const broken = all(/\]\(([^)\s]+)\)/g, withoutCode).filter(([path, link]) => {
      if (/^[a-z]+:/.test(link)) return false;
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? join(root, path) : join(root, dirname(path), file);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchors(readFileSync(target, 'utf8')).includes(anchor);
    });

    expect(broken).toEqual([]);
  });

  it('name source files that are there', () => {
    const missing = all(/`((?:apps|libs|scripts|test|migrations|crds|docs)\/[\w./-]+)`/g).filter(
      ([, file]) => !existsSync(join(root, file)),
    );

    expect(missing).toEqual([]);
  });

  it('name commands that are there', () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    const missing = all(/npm run (?:-s )?([\w:-]+)/g).filter(([, name]) => scripts[name] === undefined);

    expect(missing).toEqual([]);
  });

  it('show manifests that are valid', () => {
    const manifests = all(/```yaml\n([\s\S]*?)```/g)
      .map(
        ([path, text]) => [path, text.replace(/^ {3}/gm, (indent) => (text.startsWith('   ') ? '' : indent))] as const,
      )
      .filter(([, text]) => text.includes('apiVersion:'))
      .flatMap(([path, text]) =>
        parseAllDocuments(text).map((document) => [path, document.toJS() as unknown] as const),
      );

    const invalid = manifests.filter(
      ([, manifest]) =>
        !z.union([TenantManifest, BackendManifest, PlatformManifest, ShardManifest]).safeParse(manifest).success,
    );

    expect(manifests.length).toBeGreaterThan(2);
    expect(invalid).toEqual([]);
  });
});
