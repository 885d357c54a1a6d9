import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { installRoot } from '#libs/platform/install-root.js';
import { newFolder, runCli } from '#test/support/platform.js';

const examples = ['acme', 'globex'].map((name) => join(installRoot(), 'examples/tenants', `${name}.yaml`));

describe('whisper render', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await newFolder();
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('prints each object of a dedicated tenant, and says that a pooled one has none', async () => {
    const { code, stdout, stderr } = await runCli(['render', '--filename', ...examples]);
    const documents = parseAllDocuments(stdout);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    expect(documents.map((document) => document.get('kind')).filter(Boolean)).toContain('Deployment');
    expect(stdout).toContain('# globex is pooled');
    // In the Secret, and in the volume of the router alone.
    expect(stdout.match(/path: service-keys\.json/g)).toHaveLength(1);
    expect(stdout.match(/audience: whisper-tokens/g)).toHaveLength(2);
  });

  it('reads the platform from its file', async () => {
    const platform = join(folder, 'platform.yaml');
    const spec = { version: '7.0.0', image: { registry: 'registry.example' } };
    const manifest = {
      apiVersion: 'whisperengine.ai/v1alpha1',
      kind: 'WhisperPlatform',
      metadata: { name: 'whisper' },
    };
    await writeFile(platform, JSON.stringify({ ...manifest, spec }));

    const { stdout } = await runCli(['render', '-f', ...examples, '--platform', platform]);

    expect(stdout).toContain('image: registry.example/whisperengine/whisper:7.0.0');
  });

  it.each([
    ['a file that is not there', async () => join(folder, 'none.yaml'), /none\.yaml cannot be read.*\(not_found\)/s],
    [
      'a manifest with a fault',
      async () => {
        const file = join(folder, 'wrong.yaml');
        await writeFile(file, 'apiVersion: whisperengine.ai/v1alpha1\nkind: WhisperTenant\nmetadata:\n  name: Acme\n');
        return file;
      },
      /wrong\.yaml:4: Acme: metadata\.name must be lower-case.*\(manifest_invalid\)/s,
    ],
  ])('says what is wrong with %s', async (_title, make, words) => {
    const { code, stdout, stderr } = await runCli(['render', '-f', await make()]);

    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(words);
  });
});
