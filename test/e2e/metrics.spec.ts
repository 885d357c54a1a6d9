import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LiveSocket } from '#test/support/live-socket.js';
import { type Platform, startPlatform } from '#test/support/platform.js';
import { until } from '#test/support/until.js';

describe('the metrics of a running platform', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await startPlatform();
  });
  afterAll(() => platform.close());

  const metrics = async () => (await fetch(`http://127.0.0.1:${platform.port + 1}/metrics`)).text();

  it('tell of sign-ins, sockets, answers and units of work', async () => {
    const ann = await platform.signIn('acme');
    const socket = await LiveSocket.open(ann);
    const whileOpen = await metrics();

    await socket.say('Hello');
    await until(async () => (await metrics()).includes('whisper_chat_answers_total{tenant="acme",status="complete"'));
    socket.drop();

    expect(whileOpen).toContain('whisper_chat_open_sockets 1\n');
    await until(async () => (await metrics()).includes('whisper_chat_open_sockets 0\n'));
    const text = await metrics();
    expect(text).toContain('whisper_sign_ins_total{method="link",outcome="success"} 1\n');
    expect(text).toContain('whisper_chat_running_answers 0\n');
    expect(text).toMatch(/whisper_unit_of_work_duration_seconds_count\{outcome="committed"\} [1-9]/);
  });

  it('are not on the public port', async () => {
    expect((await fetch(`${platform.url}/metrics`)).status).toBe(404);
  });
});
