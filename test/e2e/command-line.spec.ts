import { readFile, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser, meOf } from '#test/support/browser.js';
import { setUpApp } from '#test/support/guarded-person.js';
import { newFolder, type Platform, postgresPid, runCli, startPlatform } from '#test/support/platform.js';
import { until } from '#test/support/until.js';

describe('the command line', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await startPlatform();
  });
  afterAll(() => platform.close());

  const use = (url: string, more: Record<string, string> = {}) => {
    const { origin, hash } = new URL(url.trim());
    return new Browser(origin).call('POST', '/api/links/use', { token: hash.slice(1), ...more });
  };

  it.each([[[]], [['link']], [['key', 'create']], [['factors', 'reset']], [['erase']]])(
    'tells how it is used: %j --help',
    async (words) => {
      const { code, stdout } = await runCli([...words, '--help']);

      expect(code).toBe(0);
      expect(stdout).toContain('Usage: whisper');
    },
  );

  it('says what to do in a folder without a platform', async () => {
    const empty = await newFolder();
    const { code, stderr } = await runCli(['--data', empty, 'tenants']);
    await rm(empty, { recursive: true });

    expect(code).toBe(1);
    expect(stderr).toMatch(/There is no platform in .*npm start.*\(start_failed\)/s);
  });

  describe.each([['while the platform runs'], ['while it does not']])('%s', (state) => {
    beforeAll(async () => {
      if (state === 'while it does not') await platform.stop();
    });

    it('lists the tenants', async () => {
      const { code, stdout, stderr } = await platform.cli('tenants');
      const { stdout: json } = await platform.cli('tenants', '--json');

      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout.split('\n')[0]).toMatch(/^NAME +STATE +ADDRESS +OWNER$/);
      expect(JSON.parse(json)).toEqual(
        ['acme', 'globex'].map((name) => ({
          name,
          state: 'active',
          url: `http://${name}.localhost:${platform.port}`,
          owner: `owner@${name}.example`,
        })),
      );
    });

    it('prints a link of the owner, an invitation and a key, and nothing else', async () => {
      const link = await platform.cli('link', '--tenant', 'acme');
      const email = `eve-${state.length}@acme.example`;
      const invitation = await platform.cli('invite', '--tenant', 'acme', '--email', email, '--role', 'admin');
      const key = await platform.cli('key', 'create', '--tenant', 'acme', '--name', 'ci');
      if (state === 'while it does not') await platform.restart();

      const address = new RegExp(`^http://acme\\.localhost:${platform.port}/link#\\S+\\n$`);
      expect(link).toMatchObject({ code: 0, stdout: expect.stringMatching(address), stderr: '' });
      expect(invitation).toMatchObject({ code: 0, stdout: expect.stringMatching(address) });
      expect(key).toMatchObject({ code: 0, stdout: expect.stringMatching(/^wk_\S+\n$/) });
      expect(meOf(await use(link.stdout))).toMatchObject({ role: 'owner' });
      const password = 'a long enough password';
      expect(meOf(await use(invitation.stdout, { name: 'Eve', password }))).toMatchObject({ role: 'admin' });
      const models = await new Browser(platform.url).get('/v1/models', {
        authorization: `Bearer ${key.stdout.trim()}`,
      });
      expect(models.status).toBe(200);
      if (state === 'while it does not') await platform.stop();
    });

    it.each([
      ['an unknown tenant', ['link', '--tenant', 'acmee'], /no tenant "acmee".*There are: acme, globex.*not_found/s],
      ['a bad e-mail address', ['invite', '--tenant', 'acme', '--email', 'eve', '--role', 'member'], /--email: "eve"/],
      [
        'a bad role',
        ['invite', '--tenant', 'acme', '--email', 'e@x.example', '--role', 'boss'],
        /--role.*owner.*member/s,
      ],
      ['a missing option', ['key', 'create', '--tenant', 'acme'], /--name/],
      ['an unknown command', ['lnk'], /unknown command 'lnk'/],
      ['an erasure without its confirmation', ['erase', '--tenant', 'globex'], /--confirm globex/],
      ['an erasure confirmed for another', ['erase', '--tenant', 'globex', '--confirm', 'acme'], /--confirm globex/],
    ])('refuses %s and says how to mend it', async (_case, words, told) => {
      const { code, stdout, stderr } = await platform.cli(...words);

      expect(code).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toMatch(told);
      expect(stderr).not.toMatch(/^\s+at /m);
    });

    it('leaves no database behind', async () => {
      const runs = state === 'while the platform runs';

      expect((await postgresPid(platform.data)) !== null).toBe(runs);
      expect(await readFile(`${platform.data}/whisper.lock`, 'utf8').catch(() => null)).toEqual(
        runs ? expect.stringContaining(String(platform.pid)) : null,
      );
    });
  });

  it('takes a lost second factor away, so that the owner is in by a link alone', async () => {
    await platform.restart();
    const link = async () => use((await platform.cli('link', '--tenant', 'acme')).stdout);
    const owner = await platform.signIn('acme');
    await setUpApp(owner);
    expect((await link()).json).toMatchObject({ kind: 'second-factor' });

    const nobody = await platform.cli('factors', 'reset', 'acme', 'nobody@acme.example');
    const { code, stdout } = await platform.cli('factors', 'reset', 'acme', 'owner@acme.example');

    expect(nobody).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/nobody@acme.example.*not_found/s),
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'owner@acme.example has no second factor now.\n' });
    expect(meOf(await link())).toMatchObject({ role: 'owner' });
    await until(async () => (await owner.get('/api/me')).status === 401);
    await platform.stop();
  });

  it('erases everything of a tenant when its name is said twice, and leaves the others', async () => {
    await platform.restart();
    const ann = await platform.signIn('globex');

    const { code, stderr } = await platform.cli('erase', '--tenant', 'globex', '--confirm', 'globex');

    expect(code).toBe(0);
    expect(stderr).toContain('Erased globex');
    await until(async () => (await ann.get('/api/me')).status === 404);
    expect((await platform.chat('acme').get('/api/me')).status).toBe(401);
    expect((await platform.cli('tenants')).stdout).not.toContain('globex');
  });
});
