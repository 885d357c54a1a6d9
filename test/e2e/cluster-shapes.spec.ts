import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { OperatorParts } from '#libs/platform/compose-operator.js';
import { answerOf } from '#test/support/answer-of.js';
import type { AppProcess } from '#test/support/app-process.js';
import { Browser } from '#test/support/browser.js';
import { compiled, remount } from '#test/support/cluster-mounts.js';
import { ClusterShapes } from '#test/support/cluster-shapes.js';
import { redisServer } from '#test/support/component-list.js';
import { describeWith } from '#test/support/components.js';
import { runCli } from '#test/support/platform.js';
import { profileOf } from '#test/support/test-database.js';
import { until } from '#test/support/until.js';

async function tried(url: string, text: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    await client.query(text);
    return 'done';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  } finally {
    await client.end().catch(() => undefined);
  }
}

describeWith(redisServer, 'the shapes of a cluster, on two shards and one Redis', (program) => {
  let shapes: ClusterShapes;
  let operator: OperatorParts;
  beforeAll(async () => {
    shapes = await ClusterShapes.start(program);
    ({ operator } = shapes);
  }, 120_000);
  afterAll(() => shapes.close());

  const tenant = (slug: string) => shapes.tenant(slug);
  const enter = (slug: string, chat: AppProcess) => shapes.enter(slug, chat);

  it.each(['acme', 'globex'])('answers in the chat of %s, whose own pods know no control database', async (slug) => {
    const owner = await enter(slug, shapes.of(slug).chat);

    expect(await answerOf(owner, 'Hello')).toContain('not an AI');
  });

  it.each(['initech', 'hooli'])('answers in the chat of %s by the shared apps, on either shard', async (slug) => {
    const owner = await enter(slug, shapes.pooled.chat);

    expect(await answerOf(owner, 'Hello')).toContain('not an AI');
  });

  it('opens the admin pages of acme, with the backends its router has mounted', async () => {
    const { envOf, chat, routerUrl } = shapes.of('acme');
    const { port } = await shapes.startApp('admin', { ...envOf('admin'), WHISPER_ROUTER_URL: routerUrl });
    const owner = await enter('acme', chat);
    const { json } = await owner.call('POST', '/api/admin-handover');
    const admin = new Browser(`http://admin.acme.localhost:${port}`);

    const entered = await admin.call('POST', '/api/handover', { token: new URL(String(json['url'])).hash.slice(1) });

    expect(entered.status).toBe(200);
    const { backends } = (await admin.get('/api/backends')).json as { backends: { name: string }[] };
    expect(backends.map(({ name }) => name)).toContain('demo');
  });

  it('knows at each place only the tenants that are served there', async () => {
    const status = async (slug: string, { port }: AppProcess) =>
      (await new Browser(`http://${slug}.localhost:${port}`).get('/')).status;

    expect(await status('acme', shapes.pooled.chat)).toBe(404);
    expect(await status('globex', shapes.of('acme').chat)).toBe(404);
    expect(await status('initech', shapes.of('acme').chat)).toBe(404);
    expect(await status('acme', shapes.of('acme').chat)).toBe(200);
  });

  it('lets the login of acme reach its own schema, and nothing of anybody else', async () => {
    const own = shapes.of('acme').env['DATABASE_URL'] ?? '';
    const at = (url: string) => {
      const changed = new URL(url);
      changed.username = new URL(own).username;
      changed.password = new URL(own).password;
      return changed.toString();
    };
    const { schema } = tenant('acme');

    expect(await tried(own, `select * from ${schema}.person`)).toBe('done');
    // 42501 is "permission denied", 28P01 and 28000 are "no such login".
    expect(await tried(own, `select * from ${tenant('initech').schema}.person`)).toBe('42501');
    expect(await tried(own, `set role ${tenant('initech').role}`)).toBe('42501');
    expect(await tried(own, `set role ${new URL(operator.sharedAppUrl).username}`)).toBe('42501');
    expect(await tried(own, `update ${schema}.tenancy set epoch = 9`)).toBe('42501');
    expect(await tried(own, `delete from ${schema}.audit_event`)).toBe('42501');
    expect(await tried(own, 'create table public.escape (x int)')).toBe('42501');
    expect(await tried(at(shapes.controlUrl), 'select 1')).toBe('42501');
    expect(await tried(at(shapes.far.url), 'select 1')).toMatch(/^28/);
  });

  it('lets the Redis login of acme reach its own names only, and puts everything of acme under them', async () => {
    const own = new Redis(shapes.of('acme').env['REDIS_URL'] ?? '');
    const admin = new Redis(shapes.redis.url);
    const keys = await admin.keys('*');
    const of = (slug: string) => keys.filter((key) => key.startsWith(`${tenant(slug).schema}:`));

    expect(of('acme').length).toBeGreaterThan(0);
    expect(of('globex').length).toBeGreaterThan(0);
    for (const key of of('globex').slice(0, 5)) await expect(own.type(key)).rejects.toThrow('NOPERM');
    await expect(own.keys('*')).rejects.toThrow('NOPERM');
    expect(keys.filter((key) => !/^(t_[a-z0-9]{16}|whisper-[0-9a-f]{8}):/.test(key))).toEqual([]);
    own.disconnect();
    admin.disconnect();
  });

  it('goes on while the service keys are turned', async () => {
    const { folder, chat } = shapes.of('globex');
    const owner = await enter('globex', chat);
    const path = join(folder, 'keys', 'service-keys.json');
    await remount(path, await operator.rotateServiceKeys(await readFile(path, 'utf8')));

    await new Promise((resolve) => setTimeout(resolve, 1_500));

    expect(await answerOf(owner, 'Hello again')).toContain('not an AI');
  });

  it('refuses acme in the schema itself while its pods hold an old row, and serves it by the new one', async () => {
    const { tenantFile, chat } = shapes.of('acme');
    const owner = await enter('acme', chat);
    await operator.registry.suspend('acme');
    const refused = await owner.get('/api/conversations');
    await operator.registry.apply({
      slug: 'acme',
      hosts: ['acme.localhost'],
      suspended: false,
      revision: 'r2',
      profile: profileOf('acme'),
      placement: {},
    });
    const [row] = (await operator.registry.all()).filter(({ slug }) => slug === 'acme');

    await remount(tenantFile, compiled(row!));

    expect(refused.status).toBe(503);
    expect(refused.json).toMatchObject({ error: { code: 'tenant_moved' } });
    expect(row?.epoch).toBe(3);
    await until(async () => (await owner.get('/api/conversations')).status === 200);
  });

  it('takes an old password no more after the login was turned, and none after it was taken back', async () => {
    const { id } = tenant('globex');
    const first = await operator.logins.give(id);
    const second = await operator.logins.rotate(id);

    expect([await tried(first, 'select 1'), await tried(second, 'select 1')]).toEqual(['28P01', 'done']);
    expect(await operator.logins.give(id)).toBe(second);
    await operator.logins.take(id);
    expect(await tried(second, 'select 1')).toMatch(/^28/);
    expect((await shapes.reader.sessions.run(id, ({ settings }) => settings.all())).size).toBe(0);
  });

  it('gives the command line of a pod its own tenants, and leaves erasing to the operator', async () => {
    const { env, chat } = shapes.of('acme');
    const own = { ...env, WHISPER_PORT: String(chat.port) };

    const listed = await runCli(['tenants', '--json'], own);
    const link = await runCli(['link', '--tenant', 'acme'], own);
    const shared = await runCli(['tenants', '--json'], shapes.pooled.env);
    const erased = await runCli(['erase', '--tenant', 'acme', '--confirm', 'acme'], own);

    const names = (text: string) => (JSON.parse(text) as { name: string }[]).map(({ name }) => name);
    expect(names(listed.stdout)).toEqual(['acme']);
    expect(names(shared.stdout)).toEqual(['hooli', 'initech']);
    const token = new URL(link.stdout.trim()).hash.slice(1);
    const owner = new Browser(`http://acme.localhost:${chat.port}`);
    expect((await owner.call('POST', '/api/links/use', { token })).status).toBe(200);
    expect(erased).toMatchObject({ code: 1, stderr: expect.stringContaining('Delete the WhisperTenant') as unknown });
  });

  it('lets a tenant go: shut, exported whole, dropped, and a second time without a complaint', async () => {
    const { id, schema } = tenant('hooli');
    const owner = await enter('hooli', shapes.pooled.chat);
    await answerOf(owner, 'Hello');
    const before = await operator.shards.inspect('far');

    await operator.registry.retire(id);
    await until(async () => (await owner.get('/api/conversations')).status === 404);
    const report = await operator.exporter.export(id, shapes.folder);
    await operator.exporter.verify(report.folder);
    await operator.registry.erase(id);
    await operator.registry.erase(id);

    const rowsOf = (name: string) => report.tables.find((table) => table.name === name)?.rows ?? 0;
    expect([rowsOf('person'), rowsOf('message') >= 2, rowsOf('tenancy')]).toEqual([1, true, 1]);
    expect(await tried(shapes.far.url, `select * from ${schema}.person`)).toBe('42P01');
    expect((await operator.shards.inspect('far')).tenants).toBe(before.tenants - 1);
    expect(await shapes.reader.directory.bySlug('hooli')).toBeNull();
  });

  it.each<[string, Record<string, string>, string]>([
    ['no Redis', { REDIS_URL: '' }, 'REDIS_URL is not set'],
    ['no database', { DATABASE_URL: '' }, 'DATABASE_URL is not set'],
    ['both a tenant and shards', { WHISPER_SHARDS: '/nowhere' }, 'serves one tenant or many'],
    ['a tenant file that is not there', { WHISPER_TENANT_FILE: '/nowhere/tenant.json' }, '/nowhere/tenant.json'],
    ['keys that are not there', { WHISPER_SERVICE_KEYS: '/nowhere/keys.json' }, '/nowhere/keys.json'],
    ['cluster keys that are not there', { WHISPER_CLUSTER_KEYS: '/nowhere/cluster.json' }, '/nowhere/cluster.json'],
    ['a client that is none', { WHISPER_TOKEN_CLIENTS: 'chat' }, '<chat or admin>=<namespace>/<service account>'],
    ['no master key', { WHISPER_SECRETS: '/nowhere' }, 'The master key /nowhere/master-key cannot be read'],
  ])('refuses to start with %s, and says so', async (_case, change, words) => {
    const app = await shapes.launchApp('router', { ...shapes.of('globex').envOf('router'), ...change });

    const end = await app.ended();

    expect(end.code).toBe(1);
    expect(end.words).toContain(words);
  });
});
