import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { closeCodes } from '#libs/contracts/chat-events.js';
import { FakeModelServer } from '#test/fakes/fake-model-server.js';
import { Browser } from '#test/support/browser.js';
import { LiveSocket } from '#test/support/live-socket.js';
import { type Platform, startPlatform, writeBackend, writeTenant } from '#test/support/platform.js';
import { until } from '#test/support/until.js';

describe('the folder of manifests', () => {
  let platform: Platform;
  let models: FakeModelServer;
  let owner: Browser;

  beforeAll(async () => {
    models = await FakeModelServer.start();
    platform = await startPlatform();
    owner = await platform.signIn('acme');
  });
  afterAll(async () => {
    await platform.close();
    await models.close();
  });

  const statusOf = async (tenant: string) => (await platform.chat(tenant).get('/api/me')).status;
  const page = async (tenant: string) => (await platform.chat(tenant).get('/', { accept: 'text/html' })).text;
  const complaint = (words: RegExp) => until(() => words.exec(platform.stderr)?.[0]);

  it('shows a changed name on the next page', async () => {
    await writeTenant(platform.tenants, 'acme', { displayName: 'Acme Reborn' });

    await until(async () => (await page('acme')).includes('Acme Reborn'));
    expect(await statusOf('acme')).toBe(401);
  });

  it('serves a new tenant without a restart, and its owner gets in', async () => {
    await writeTenant(platform.tenants, 'initech', { domains: [{ host: 'chat.initech.example' }] });

    await until(async () => (await statusOf('initech')) === 401);
    const elsewhere = new Browser(`http://chat.initech.example:${platform.port}`);
    expect((await elsewhere.get('/api/me')).status).toBe(401);
    const { stdout } = await platform.cli('link', '--tenant', 'initech');
    const browser = new Browser(new URL(stdout.trim()).origin);
    const token = new URL(stdout.trim()).hash.slice(1);
    expect((await browser.call('POST', '/api/links/use', { token })).status).toBe(200);
  });

  it('suspends a removed tenant, ends its sockets, and has it back with its data', async () => {
    const file = join(platform.tenants, 'acme.yaml');
    const manifest = await readFile(file, 'utf8');
    const socket = await LiveSocket.open(owner);
    await socket.say('Kept while suspended');
    const { stdout } = await platform.cli('key', 'create', '--tenant', 'acme', '--name', 'test');
    const asKey = () => new Browser(platform.url).get('/v1/models', { authorization: `Bearer ${stdout.trim()}` });
    expect((await asKey()).status).toBe(200);

    await rm(file);

    await until(async () => (await owner.get('/api/me')).status === 404);
    expect(await until(() => socket.closeCode)).toBe(closeCodes.unauthenticated);
    expect((await LiveSocket.open(owner)).refused).toBe(404);
    expect((await asKey()).status).toBe(401);
    const anonymous = (text: string) => text.replaceAll(/[0-9a-f-]{36}/g, '');
    expect(anonymous(await page('acme'))).toBe(anonymous(await page('nobody')));
    expect(await statusOf('globex')).toBe(401);

    await writeFile(file, manifest);

    await until(async () => (await owner.get('/api/me')).status === 200);
    expect((await owner.get('/api/conversations')).text).toContain('Kept while suspended');
  });

  it('survives a file that is only being replaced', async () => {
    const file = join(platform.tenants, 'globex.yaml');
    const manifest = await readFile(file, 'utf8');

    await rm(file);
    await until(async () => (await readFile(file, 'utf8').catch(() => null)) === null);
    await writeFile(file, manifest);
    await writeTenant(platform.tenants, 'hooli');
    await until(async () => (await statusOf('hooli')) === 401);

    expect(await statusOf('globex')).toBe(401);
    expect(platform.stdout).not.toContain('globex: its manifest is gone');
  });

  it.each([
    [
      'an unknown field',
      'spec:\n  displayName: B\n  owner: { email: a@b.example }\n  colour: red\n',
      /bad\.yaml:\d+: bad: spec\.colour .*remove it/,
    ],
    [
      'a wrong value',
      'spec:\n  displayName: B\n  owner: { email: nobody }\n',
      /bad\.yaml:7: bad: spec\.owner\.email .+/,
    ],
    ['a missing field', 'spec:\n  displayName: B\n', /bad\.yaml:\d+: bad: spec\.owner is missing/],
    [
      'a model that is not allowed',
      'spec:\n  displayName: B\n  owner: { email: a@b.example }\n  models: { default: x, allow: [y] }\n',
      /bad\.yaml:8: bad: spec\.models\.default must be one of allow/,
    ],
    ['YAML that is none', 'spec: [\n', /bad\.yaml:\d+: the file is not valid YAML/],
  ])('names file, line, field and fix of %s, and serves the others', async (flaw, body, words) => {
    const head = 'apiVersion: whisperengine.ai/v1alpha1\nkind: WhisperTenant\nmetadata:\n  name: bad\n';
    await writeFile(join(platform.tenants, 'bad.yaml'), head + body);

    expect(await complaint(words)).toBeTruthy();

    expect(await statusOf('bad')).toBe(404);
    expect(await statusOf('globex')).toBe(401);
    await writeTenant(platform.tenants, 'globex', { displayName: `Globex beside ${flaw}` });
    await until(async () => (await page('globex')).includes(`Globex beside ${flaw}`));
    await rm(join(platform.tenants, 'bad.yaml'));
  });

  it('keeps the last good version of a tenant whose manifest breaks', async () => {
    await writeFile(
      join(platform.tenants, 'acme.yaml'),
      'apiVersion: whisperengine.ai/v1alpha1\nkind: WhisperTenant\nmetadata:\n  name: acme\nspec:\n  displayName: Broken\n',
    );

    await complaint(/acme\.yaml:\d+: acme: spec\.owner is missing/);

    expect(await page('acme')).toContain('Acme Reborn');
    await writeTenant(platform.tenants, 'acme', { displayName: 'Acme Reborn' });
  });

  it('gives a domain that two manifests claim to the first, and says so', async () => {
    await writeTenant(platform.tenants, 'globex', { domains: [{ host: 'shared.example' }] });
    const shared = new Browser(`http://shared.example:${platform.port}`);
    await until(async () => (await shared.get('/api/me')).status === 401);

    await writeTenant(platform.tenants, 'umbrella', { domains: [{ host: 'shared.example' }] });

    await complaint(/umbrella: spec\.domains: .*shared\.example/);
    expect((await shared.get('/', { accept: 'text/html' })).text).toContain('The globex');
  });

  it('calls a model server with the key of its secret file', async () => {
    models.apiKey = 'sk-of-the-backend';
    await mkdir(join(platform.data, 'secrets', 'backend-fake', 'upstream'), { recursive: true });
    await writeFile(join(platform.data, 'secrets', 'backend-fake', 'upstream', 'api-key'), 'sk-of-the-backend\n');
    await writeBackend(platform.tenants, 'fake', {
      provider: 'openai',
      url: models.url,
      apiKeySecretRef: { name: 'upstream', key: 'api-key' },
    });
    await writeTenant(platform.tenants, 'globex', { models: { backends: [{ ref: 'fake' }], default: 'tiny' } });
    const key = await platform.newKey('globex');
    const browser = new Browser(platform.url);
    const headers = { authorization: `Bearer ${key}` };
    await until(async () => (await browser.get('/v1/models', headers)).text.includes('tiny'));

    const answer = await browser.send('POST', '/v1/chat/completions', {
      body: { model: 'tiny', messages: [{ role: 'user', content: 'Hi' }] },
      headers,
    });

    expect(answer.status).toBe(200);
    expect(answer.text).toContain('Hello from a scripted model.');
    expect(models.lastCall.headers.authorization).toBe('Bearer sk-of-the-backend');
    expect(platform.stdout + platform.stderr).not.toContain('sk-of-the-backend');
  });
});
