import { readdirSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith } from '../../support/components.js';
import { buildah, buildahProgram } from './buildah.js';
import { type BuiltImage, whisperImage } from './whisper-image.js';

const buildMs = 15 * 60_000;
const largestBytes = 500 * 1024 * 1024;

interface ImageSettings {
  readonly User: string;
  readonly WorkingDir: string;
  readonly Cmd: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly Volumes: object;
  readonly ExposedPorts: object;
  readonly Healthcheck: { readonly Test: readonly string[] };
}

describeWith(buildahProgram, 'the image', () => {
  let image: BuiltImage;
  let settings: ImageSettings;
  let container = '';
  let root = '';
  beforeAll(async () => {
    image = await whisperImage();
    const text = await buildah('inspect', '--type', 'image', image.name);
    settings = (JSON.parse(text) as { Docker: { config: ImageSettings } }).Docker.config;
    container = (await buildah('from', image.name)).trim();
    root = (await buildah('mount', container)).trim();
  }, buildMs);
  afterAll(async () => {
    if (container !== '') await buildah('rm', container);
  });

  const run = (...command: readonly string[]) => buildah('run', '--isolation', 'chroot', container, '--', ...command);

  function* files(folder: string): Generator<string> {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) yield* files(path);
      else yield path;
    }
  }
  const all = (folder: string) => [...files(join(root, folder))].map((path) => relative(root, path));

  it('runs as a user without rights, in the folder of the program, by a command that signals reach', () => {
    expect(settings).toMatchObject({
      User: '10001:10001',
      WorkingDir: '/app',
      Cmd: ['node', expect.anything(), expect.anything(), 'dist/apps/standalone/main.js'],
      Volumes: { '/var/lib/whisper': {} },
      ExposedPorts: { '4780/tcp': {}, '4781/tcp': {} },
      Healthcheck: { Test: ['CMD', 'node', 'scripts/healthcheck.mjs'] },
    });
  });

  it('says what it is', () => {
    expect(settings.Labels).toMatchObject({
      'org.opencontainers.image.title': 'Whisper',
      'org.opencontainers.image.version': '0.1.0',
      'org.opencontainers.image.revision': image.name.split(':')[1],
    });
  });

  it('is below 500 MB', async () => {
    const { size } = JSON.parse(await buildah('images', '--json', image.name)).at(0) as { size: string };
    const [number = '0', unit = 'GB'] = size.split(' ');

    expect(Number(number) * ({ MB: 1024 ** 2, kB: 1024 }[unit] ?? 1024 ** 3)).toBeLessThan(largestBytes);
  });

  it('holds nothing that only a build or a test needs', () => {
    const needless = all('app').filter((path) => /\.(map|ts|tsx)$|\.spec\.js$|^app\/(dist\/)?test\//.test(path));
    const packages = readdirSync(join(root, 'app', 'node_modules'));

    expect(needless).toEqual([]);
    for (const name of ['typescript', 'jest', 'vite', 'playwright-core', 'oidc-provider'])
      expect(packages).not.toContain(name);
  });

  it('keeps the licences of what it ships', () => {
    const licences = all('app/node_modules').filter((path) => /licen[cs]e[^/]*$/i.test(path));

    expect(licences.length).toBeGreaterThan(150);
  });

  it('has no file that its user could change, outside the data folder', async () => {
    const owned: string[] = [];
    for (const path of all('app')) {
      const { uid, mode } = await lstat(join(root, path));
      if (uid === 10001 || ((mode & 0o002) !== 0 && (mode & 0o170000) !== 0o120000)) owned.push(path);
    }

    expect(owned).toEqual([]);
    expect((await lstat(join(root, 'var/lib/whisper'))).uid).toBe(10001);
  });

  it.each([
    ['chat', ['node', 'dist/apps/chat/main.js', '--help'], 'whisper-chat'],
    ['router', ['node', 'dist/apps/router/main.js', '--help'], 'whisper-router'],
    ['admin', ['node', 'dist/apps/admin/main.js', '--help'], 'whisper-admin'],
    ['the whole platform', ['node', 'dist/apps/standalone/main.js', '--help'], '--tenants'],
    ['the operator', ['node', 'dist/operator/main.js', '--help'], 'whisper-operator'],
    ['the command line', ['whisper', '--help'], 'Usage: whisper'],
  ])('starts %s', async (_name, command, words) => {
    expect(await run(...command)).toContain(words);
  });

  it('runs its programs without root', async () => {
    expect(await run('id', '-u')).toBe('10001\n');
  });
});
