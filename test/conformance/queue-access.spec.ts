import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { BullJobQueue } from '#libs/messaging/bull-job-queue.js';
import { RedisBus } from '#libs/messaging/redis-bus.js';
import { RedisCounters } from '#libs/messaging/redis-counters.js';
import { RedisQueueAccess } from '#libs/messaging/redis-queue-access.js';
import type { TenantId } from '#libs/kernel/ids.js';
import type { JobName } from '#libs/tenancy/ports/jobs.js';
import { memoryTenant } from '#test/fakes/memory-tenants.js';
import { redisServer } from '#test/support/component-list.js';
import { describeWith } from '#test/support/components.js';
import { startRedis } from '#test/support/redis-server.js';
import { until } from '#test/support/until.js';

describeWith(redisServer, 'the Redis login of a dedicated tenant', (program) => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  let access: RedisQueueAccess;
  let admin: Redis;
  let url: string;
  const acme = memoryTenant('acme');
  const globex = memoryTenant('globex');
  const secret = randomBytes(16).toString('hex');
  const clients: Redis[] = [];
  const errors: string[] = [];

  const connect = (to: string) => {
    const client = new Redis(to, { maxRetriesPerRequest: 0, retryStrategy: null });
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  };

  beforeAll(async () => {
    server = await startRedis(program);
    access = RedisQueueAccess.connect(
      server.url,
      (purpose) => `${purpose}-${secret}`,
      (error) => errors.push(error.message),
    );
    admin = new Redis(server.url);
    url = await access.give(acme);
    await access.give(globex);
  });
  afterEach(async () => {
    for (const client of clients.splice(0))
      // A line that is up is ended by both sides; ioredis would hold a timer for it otherwise.
      if (client.status === 'ready') await client.quit().catch(() => client.disconnect());
      else if (client.status !== 'end') client.disconnect();
  });
  afterAll(async () => {
    await access.close();
    admin.disconnect();
    await server.stop();
  });

  it('is the same at every run, and names the tenant by its opaque name', async () => {
    expect(await access.give(acme)).toBe(url);
    expect(new URL(url).username).toBe(acme.schema);
  });

  it('is shut in the names of the shared apps where it is theirs', async () => {
    const client = connect(await access.giveShared('whisper-1'));

    await client.set('whisper-1:bull:y', '1');
    await client.set(`${acme.schema}:{${acme.schema}}:limits:rpm`, '1');

    await admin.unlink('whisper-1:bull:y', `${acme.schema}:{${acme.schema}}:limits:rpm`);
    await expect(client.get(`${acme.schema}:x`)).rejects.toThrow('NOPERM');
    await expect(client.get('whisper-10:bull:y')).rejects.toThrow('NOPERM');
  });

  it.each<[string, (client: Redis) => Promise<unknown>]>([
    ['read a key of another tenant', (client) => client.get(`${globex.schema}:x`)],
    ['write a key of another tenant', (client) => client.set(`${globex.schema}:x`, '1')],
    ['write a key of the shared apps', (client) => client.set('whisper-1:bull:x', '1')],
    [
      'read another key by a script',
      (client) => client.eval(`return redis.call('get', KEYS[1])`, 1, `${globex.schema}:x`),
    ],
    ['read another key in a script', (client) => client.eval(`return redis.call('get', '${globex.schema}:x')`, 0)],
    ['publish to another tenant', (client) => client.publish(`${globex.schema}:a:b`, '1')],
    ['hear another tenant', (client) => client.subscribe(`${globex.schema}:a:b`)],
    ['hear everybody', (client) => client.psubscribe('*')],
    ['list all keys', (client) => client.keys('*')],
    ['walk over all keys', (client) => client.scan('0')],
    ['take any key', (client) => client.randomkey()],
    ['list channels', (client) => client.pubsub('CHANNELS')],
    ['list other connections', (client) => client.client('LIST')],
    ['read the settings', (client) => client.config('GET', '*')],
    ['read the users', (client) => client.acl('LIST')],
    ['empty the server', (client) => client.flushall()],
    ['move a key out of its name', (client) => client.rename(`${acme.schema}:y`, 'free')],
  ])('may not %s', async (_case, attempt) => {
    await expect(attempt(connect(url))).rejects.toThrow(/NOPERM|No permissions|can't access/i);
  });

  it('carries jobs, messages and limits', async () => {
    const ran: string[] = [];
    const reports: string[] = [];
    const report = (error: Error | string) => void reports.push(String(error));
    const queue = BullJobQueue.onRedis(url, acme.schema, report);
    const bus = await RedisBus.connect(url, acme.schema, report);
    const counters = new RedisCounters(connect(url));
    const heard: unknown[] = [];

    await queue.work(
      new Map<JobName, (tenant: TenantId) => Promise<void>>([
        ['usage.roll-up', async (tenant) => void ran.push(`once ${tenant}`)],
        ['events.expire', async (tenant) => void ran.push(`again ${tenant}`)],
      ]),
    );
    await queue.repeat({ name: 'events.expire', tenant: acme.id }, 150);
    await queue.add({ name: 'usage.roll-up', tenant: acme.id });
    await until(() => ran.includes(`once ${acme.id}`) && ran.filter((one) => one.startsWith('again')).length >= 2);
    await queue.cancel(acme.id);
    await bus.subscribe(acme.id, 'topic', (message) => heard.push(message));
    bus.publish(acme.id, 'topic', { n: 1 });
    await until(() => heard.length === 1);
    const take = { id: 'a', requests: { amount: 1, perMinute: 1 }, tokens: null, concurrent: null, ttlMs: 1_000 };
    const first = await counters.reserve(acme, take);
    const second = await counters.reserve(acme, { ...take, id: 'b' });

    expect([first.kind, second.kind]).toEqual(['reserved', 'refused']);
    expect(reports).toEqual([]);
    expect((await admin.keys('*')).filter((key) => !key.startsWith(`${acme.schema}:`))).toEqual([]);
    await queue.close();
    await bus.close();
  });

  it('believes the password before the newest, and none that is older', async () => {
    const second = await access.give(acme, 2);
    await expect(connect(url).ping()).resolves.toBe('PONG');
    await access.give(acme, 3);

    await expect(connect(second).ping()).resolves.toBe('PONG');
    await expect(connect(url).ping()).rejects.toThrow(/closed|WRONGPASS/);
  });

  it('leaves nothing behind when it is taken back, and nothing of others goes with it', async () => {
    await admin.set(`${globex.schema}:kept`, '1');
    const client = connect(await access.give(acme));
    await client.mset(Object.fromEntries(Array.from({ length: 1_200 }, (_, n) => [`${acme.schema}:k${n}`, '1'])));

    await access.take(acme);
    await access.take(acme);

    expect(await admin.keys(`${acme.schema}:*`)).toEqual([]);
    expect(await admin.get(`${globex.schema}:kept`)).toBe('1');
    await expect(client.ping()).rejects.toThrow(/closed/);
  });

  it('tells when the server has been away, so that the logins can be made again', async () => {
    let returns = 0;
    access.onReturn(() => (returns += 1));

    await admin.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');

    await until(() => returns === 1);
  });

  it('says that Redis did not do it, without any password', async () => {
    const away = RedisQueueAccess.connect(
      'redis://127.0.0.1:9',
      () => secret,
      () => undefined,
    );

    const refused = await away.give(acme).catch((error: unknown) => error);

    expect(refused).toMatchObject({ code: 'queue_unavailable', retryable: true });
    expect(String((refused as Error).message)).not.toContain(secret);
    await away.close();
  });
});
