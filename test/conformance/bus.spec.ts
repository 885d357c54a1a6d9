import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RandomIds, tenantId, type TenantId } from '#libs/kernel/ids.js';
import { InProcessBus } from '#libs/messaging/in-process-bus.js';
import { RedisBus } from '#libs/messaging/redis-bus.js';
import type { Bus } from '#libs/tenancy/ports/bus.js';
import { redisServer } from '#test/support/component-list.js';
import { describeWith } from '#test/support/components.js';
import { startRedis } from '#test/support/redis-server.js';
import { until } from '#test/support/until.js';

const ids = new RandomIds();

/** What every bus promises. `publisher` and `subscriber` are the same bus, or two processes' ends of one. */
function promises(ends: () => { publisher: Bus; subscriber: Bus }): void {
  let acme: TenantId;
  let globex: TenantId;
  beforeAll(() => {
    acme = tenantId(ids.next());
    globex = tenantId(ids.next());
  });

  /** Hears a topic; `heard` is what it got. */
  const hear = async (tenant: TenantId, topic: string) => {
    const heard: unknown[] = [];
    const leave = await ends().subscriber.subscribe(tenant, topic, (message) => heard.push(message));
    return { heard, leave };
  };

  it('brings each message to every subscriber of its topic, in order', async () => {
    const [one, two] = [await hear(acme, 'order'), await hear(acme, 'order')];
    const sent = Array.from({ length: 100 }, (_, index) => ({ index, text: 'ü"\n' }));

    for (const message of sent) ends().publisher.publish(acme, 'order', message);

    await until(() => one.heard.length === 100 && two.heard.length === 100);
    expect(one.heard).toEqual(sent);
    expect(two.heard).toEqual(sent);
  });

  it('keeps topics and tenants apart', async () => {
    const others = [await hear(acme, 'other'), await hear(globex, 'topic'), await hear(globex, 'other')];
    const asked = await hear(acme, 'topic');

    ends().publisher.publish(acme, 'topic', 1);

    await until(() => asked.heard.length === 1);
    ends().publisher.publish(acme, 'other', 2);
    await until(() => others[0]!.heard.length === 1);
    expect(others.map(({ heard }) => heard)).toEqual([[2], [], []]);
  });

  it('tells nothing after leaving, and goes on for the others', async () => {
    const [going, staying] = [await hear(acme, 'leave'), await hear(acme, 'leave')];

    going.leave();
    ends().publisher.publish(acme, 'leave', 1);

    await until(() => staying.heard.length === 1);
    expect(going.heard).toEqual([]);
    staying.leave();
    const back = await hear(acme, 'leave');
    ends().publisher.publish(acme, 'leave', 2);
    await until(() => back.heard.length === 1);
    expect(staying.heard).toEqual([1]);
  });

  it('can be left twice, and by a handler while it is told', async () => {
    const heard: unknown[] = [];
    const leave = await ends().subscriber.subscribe(acme, 'twice', (message) => {
      heard.push(message);
      leave();
      leave();
    });
    const other = await hear(acme, 'twice');

    ends().publisher.publish(acme, 'twice', 1);
    ends().publisher.publish(acme, 'twice', 2);

    await until(() => other.heard.length === 2);
    expect(heard).toEqual([1]);
  });

  it('tells the others where one handler fails', async () => {
    await ends().subscriber.subscribe(acme, 'faulty', () => {
      throw new Error('a handler of a test');
    });
    const other = await hear(acme, 'faulty');

    ends().publisher.publish(acme, 'faulty', 1);

    await until(() => other.heard.length === 1);
    expect(other.heard).toEqual([1]);
  });
}

describe('the bus of one process', () => {
  const bus = new InProcessBus();
  afterAll(() => bus.close());
  promises(() => ({ publisher: bus, subscriber: bus }));

  it('is silent once it is closed', async () => {
    const closed = new InProcessBus();
    const heard: unknown[] = [];
    await closed.subscribe(tenantId(ids.next()), 'x', (message) => heard.push(message));

    await closed.close();
    closed.publish(tenantId(ids.next()), 'x', 1);

    expect(heard).toEqual([]);
  });
});

describeWith(redisServer, 'the bus over Redis', (program) => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let publisher: RedisBus;
  let subscriber: RedisBus;
  const errors: Error[] = [];
  beforeAll(async () => {
    redis = await startRedis(program);
    const connect = () => RedisBus.connect(redis.url, 'whisper-test', (error) => errors.push(error));
    [publisher, subscriber] = await Promise.all([connect(), connect()]);
  });
  afterAll(async () => {
    await publisher.close();
    await subscriber.close();
    await redis.stop();
  });
  promises(() => ({ publisher, subscriber }));

  it('keeps installations apart that share a server', async () => {
    const other = await RedisBus.connect(redis.url, 'whisper-other', (error) => errors.push(error));
    const tenant = tenantId(ids.next());
    const heard: unknown[] = [];
    await subscriber.subscribe(tenant, 'x', (message) => heard.push(message));

    other.publish(tenant, 'x', 'of another installation');
    publisher.publish(tenant, 'x', 'ours');

    await until(() => heard.includes('ours'));
    expect(heard).toEqual(['ours']);
    await other.close();
  });
});
