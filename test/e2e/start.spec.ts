import { once } from 'node:events';
import { chmod, mkdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Browser } from '#test/support/browser.js';
import { LiveSocket } from '#test/support/live-socket.js';
import { newFolder, type Platform, postgresPid, runMain, startPlatform, writeTenant } from '#test/support/platform.js';
import { freshDatabaseUrl } from '#test/support/test-database.js';
import { until } from '#test/support/until.js';

const folders: string[] = [];
async function folder(): Promise<string> {
  const made = await newFolder();
  folders.push(made);
  return made;
}
afterAll(async () => {
  for (const made of folders) await rm(made, { recursive: true, force: true });
});

/** Whether a process runs; one that ended and was not asked for yet, does not. */
async function isAlive(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  return !text.slice(text.lastIndexOf(')')).startsWith(') Z');
}

/** Processor time of a process so far, in ms: fields 14 and 15 of its stat, in hundredths of a second. */
async function cpuMs(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const titles = async (browser: Browser) => {
  const { json } = await browser.get('/api/conversations');
  return (json['items'] as { title: string }[]).map(({ title }) => title);
};

describe('the start command', () => {
  it('tells its options', async () => {
    const { code, stdout } = await runMain(['--help']);

    expect(code).toBe(0);
    for (const word of ['--tenants', '--data', '--port', 'DATABASE_URL', 'REDIS_URL']) expect(stdout).toContain(word);
  });

  it.each([
    ['a port that is none', ['--port', 'abc'], {}, '--port'],
    ['a port out of range', ['--port', '70000'], {}, '--port'],
    ['a public URL that is none', ['--public-url', 'whisper'], {}, '--public-url'],
    ['a log level that is none', [], { WHISPER_LOG_LEVEL: 'loud' }, 'WHISPER_LOG_LEVEL'],
    ['a probe port that is none', [], { WHISPER_PROBE_PORTS: 'ollama=x' }, 'WHISPER_PROBE_PORTS'],
    ['an option that is none', ['--prot', '1'], {}, '--prot'],
    ['a folder of manifests that is not there', ['--tenants', '/nowhere/tenants'], {}, '--tenants'],
    ['a database that is not there', [], { DATABASE_URL: 'postgres://127.0.0.1:1/none' }, 'DATABASE'],
  ])('refuses %s by name', async (_case, args, env, named) => {
    const data = await folder();

    const { code, stderr } = await runMain(['--data', data, ...args], env as Record<string, string>);

    expect(code).toBe(1);
    expect(stderr).toContain(named);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(await postgresPid(data)).toBeNull();
  });

  it('refuses a port that another program has, and says how to choose another', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const data = await folder();

    const { code, stderr } = await runMain(['--data', data, '--port', String(port)]);

    other.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`Port ${port} .*--port.*port_in_use`, 's'));
    expect(await postgresPid(data)).toBeNull();
  });

  // Only root starts the database as another user.
  if (process.getuid?.() === 0)
    it('names the folder that the user of the database cannot walk through', async () => {
      const closed = join(await folder(), 'closed');
      await mkdir(closed);
      await chmod(closed, 0o700);

      const { code, stderr } = await runMain(['--data', join(closed, 'data')]);

      expect(code).toBe(1);
      expect(stderr).toContain(closed);
      expect(stderr).toContain('start_failed');
    });

  it('lets one of two starts on one folder win, and the other name it', async () => {
    const data = await folder();
    const both = await Promise.allSettled([startPlatform({ data }), startPlatform({ data })]);

    const won = both.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    const lost = both.flatMap((start) => (start.status === 'rejected' ? [String(start.reason)] : []));
    const pids = won.map(({ pid }) => pid);
    for (const platform of won) await platform.close();

    expect(lost).toHaveLength(1);
    expect(lost[0]).toContain('data_in_use');
    expect(lost[0]).toContain(`process ${pids[0]}`);
  });

  it('takes the database of DATABASE_URL over one of its own', async () => {
    const url = await freshDatabaseUrl();
    const platform = await startPlatform({ env: { DATABASE_URL: url } });
    const status = (await (await platform.signIn('acme')).get('/api/me')).status;
    const own = await postgresPid(platform.data);
    await platform.close();

    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query('select slug from whisper_control.tenant order by slug');
    await client.end();
    expect(status).toBe(200);
    expect(own).toBeNull();
    expect(rows).toEqual([{ slug: 'acme' }, { slug: 'globex' }]);
  });
});

describe('a running platform', () => {
  let platform: Platform;
  let ann: Browser;

  beforeAll(async () => {
    platform = await startPlatform();
    ann = await platform.signIn('acme');
  });
  afterAll(() => platform.close());
  let socket: LiveSocket | null = null;
  afterEach(() => socket?.drop());

  const ask = async (text: string) => {
    socket = await LiveSocket.open(ann);
    const receipt = await socket.say(text);
    socket.drop();
    return receipt;
  };

  it.each(['127.0.0.1', 'acme.localhost', 'nobody.example'])('answers health at %s', async (host) => {
    const browser = new Browser(`http://${host}:${platform.port}`);

    expect((await browser.get('/healthz')).json).toEqual({ status: 'ok' });
    expect((await browser.get('/readyz')).json).toEqual({ status: 'ok' });
  });

  it('answers every unknown host alike', async () => {
    const texts = new Set<string>();
    for (const host of ['nobody.localhost', 'nobody.example', 'admin.nobody.localhost', 'admin.admin.acme.localhost']) {
      const answer = await new Browser(`http://${host}:${platform.port}`).get('/api/me');
      const error = answer.json['error'] as { requestId: string };
      expect(answer.status).toBe(404);
      texts.add(answer.text.replace(error.requestId, ''));
    }

    expect(texts.size).toBe(1);
  });

  it('keeps everything over an ordinary stop, and ends with code 0 and no process left', async () => {
    await ask('Before the stop');
    const database = await postgresPid(platform.data);

    const code = await platform.stop('SIGINT');

    expect(code).toBe(0);
    expect(database).not.toBeNull();
    expect(await isAlive(database!)).toBe(false);
    await platform.restart();
    expect(await titles(ann)).toEqual(['Before the stop']);
  });

  it('starts anew after it was killed, and has everything that was acknowledged', async () => {
    await ask('Before the kill');
    const orphan = await postgresPid(platform.data);

    await platform.kill();

    expect(await isAlive(orphan!)).toBe(true);
    await platform.restart();
    expect(await titles(ann)).toContain('Before the kill');
    expect(await isAlive(orphan!)).toBe(false);
  });

  it('starts where the machine died with it', async () => {
    await ask('Before the power cut');
    await platform.kill();
    const orphan = await postgresPid(platform.data);
    process.kill(orphan!, 'SIGKILL');
    await until(async () => !(await isAlive(orphan!)));

    await platform.restart();

    expect(await titles(ann)).toContain('Before the power cut');
  });

  it('says so while its database is away, does not spin, and is whole again by itself', async () => {
    await ask('Before the database fell');
    // A cluster that cannot be written keeps the database from coming back until the test lets it.
    const log = join(platform.data, 'postgres.log');
    await rm(log);
    await mkdir(log);
    const before = await postgresPid(platform.data);
    process.kill(before!, 'SIGKILL');
    await until(async () => (await ann.get('/readyz')).status === 503);
    const cpuBefore = await cpuMs(platform.pid);
    const beganMs = performance.now();
    const answer = await ann.get('/api/conversations');
    await until(() => performance.now() - beganMs > 2_000);
    const spentMs = (await cpuMs(platform.pid)) - cpuBefore;

    await rm(log, { recursive: true });

    expect(answer.status).toBe(503);
    expect(answer.json).toMatchObject({ error: { code: 'database_unavailable', retryable: true } });
    expect(spentMs).toBeLessThan(1_000);
    await until(async () => (await ann.get('/readyz')).status === 200, 30_000);
    expect(await titles(ann)).toContain('Before the database fell');
    await ask('After the database came back');
    await writeTenant(platform.tenants, 'initech');
    await until(async () => (await platform.chat('initech').get('/api/me')).status === 401);
  });

  it('brings its database back within seconds', async () => {
    const before = await postgresPid(platform.data);
    process.kill(before!, 'SIGKILL');
    const beganMs = performance.now();

    await until(async () => {
      const now = await postgresPid(platform.data);
      return now !== null && now !== before && (await ann.get('/api/me')).status === 200;
    }, 30_000);

    expect(performance.now() - beganMs).toBeLessThan(30_000);
  });
});
