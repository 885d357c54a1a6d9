import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { installRoot } from '#libs/platform/install-root.js';
import { Browser } from '#test/support/browser.js';
import { freePort } from '#test/support/free-port.js';
import { newFolder, startPlatform, twoTenants } from '#test/support/platform.js';
import { freshDatabaseUrl } from '#test/support/test-database.js';
import { until } from '#test/support/until.js';

describe('chat, router and admin, each in a process of its own', () => {
  const children: ChildProcess[] = [];
  let data: string;
  let ports: { chat: number; router: number; admin: number };
  let token: string;
  let owner: Browser;
  let chat: ChildProcess;
  let restartChat: () => Promise<ChildProcess>;

  const startApp = async (name: 'chat' | 'router' | 'admin', env: Record<string, string>) => {
    const main = join(installRoot(), 'dist', 'apps', name, 'main.js');
    const child = spawn(process.execPath, [main, '--data', data, '--port', String(ports[name])], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { PATH: process.env['PATH'] ?? '', WHISPER_PROBE_MODELS: 'false', ...env },
    });
    children.push(child);
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`the ${name} app ended`);
      return (await new Browser(`http://127.0.0.1:${ports[name]}`).get('/readyz').catch(() => null))?.status === 200;
    }, 30_000);
    return child;
  };

  beforeAll(async () => {
    data = await newFolder();
    const env = { DATABASE_URL: await freshDatabaseUrl() };
    // One process provisions the tenants and goes; in a cluster that is the operator's work.
    const first = await startPlatform({ data, tenants: await twoTenants(), env });
    token = (await first.cli('link', '--tenant', 'acme')).stdout.trim().split('#')[1] ?? '';
    await first.stop();
    ports = { chat: await freePort(), router: await freePort(), admin: await freePort() };
    const issuers = [ports.chat, ports.admin].map((port) => `http://127.0.0.1:${port + 1}`).join(',');
    const routerUrl = `http://127.0.0.1:${ports.router + 1}`;
    restartChat = () => startApp('chat', { ...env, WHISPER_ROUTER_URL: routerUrl });
    [chat] = await Promise.all([
      restartChat(),
      startApp('router', { ...env, WHISPER_ISSUER_URLS: issuers }),
      startApp('admin', { ...env, WHISPER_ROUTER_URL: routerUrl }),
    ]);
  }, 90_000);
  afterAll(async () => {
    for (const child of children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
    await rm(data, { recursive: true, force: true });
  });

  it('answers in the chat through the router, by service tokens checked against the keys of the chat', async () => {
    owner = new Browser(`http://acme.localhost:${ports.chat}`);
    expect((await owner.call('POST', '/api/links/use', { token })).status).toBe(200);

    const { json } = await owner.call('POST', '/api/turns', {
      clientId: randomUUID(),
      intent: { kind: 'say', conversationId: null, parentId: null, text: 'Hello' },
    });

    const { id } = json['conversation'] as { id: string };
    const text = await until(async () => {
      const { messages } = (await owner.get(`/api/conversations/${id}`)).json as {
        messages: { text: string; answer: { status: string } | null }[];
      };
      return messages.find(({ answer }) => answer?.status === 'complete')?.text;
    }, 20_000);
    expect(text).toContain('not an AI');
    const handover = await owner.call('POST', '/api/admin-handover');
    const admin = new Browser(`http://admin.acme.localhost:${ports.admin}`);
    const entered = await admin.call('POST', '/api/handover', {
      token: new URL(String(handover.json['url'])).hash.slice(1),
    });
    expect(entered.status).toBe(200);
    const { backends } = (await admin.get('/api/backends')).json as { backends: { name: string }[] };
    expect(backends.map(({ name }) => name)).toContain('demo');
  });

  it('lets an answer that is being written end before the chat does', async () => {
    const { json } = await owner.call('POST', '/api/turns', {
      clientId: randomUUID(),
      intent: { kind: 'say', conversationId: null, parentId: null, text: 'How does it work?' },
    });
    const { id } = json['conversation'] as { id: string };
    const gone = once(chat, 'exit');
    chat.kill('SIGTERM');
    await gone;
    chat = await restartChat();

    const { messages } = (await owner.get(`/api/conversations/${id}`)).json as {
      messages: { text: string; answer: { status: string } | null }[];
    };

    expect(messages.at(-1)?.answer?.status).toBe('complete');
    expect(messages.at(-1)?.text).toMatch(/To talk to a real model[^]*kind: ModelBackend/);
  });

  it('keeps /v1 with the router and /internal off every public port', async () => {
    const answers = await Promise.all([
      new Browser(`http://127.0.0.1:${ports.router}`).get('/v1/models'),
      new Browser(`http://acme.localhost:${ports.chat}`).get('/v1/models'),
      new Browser(`http://acme.localhost:${ports.chat}`).get('/internal/models'),
      new Browser(`http://127.0.0.1:${ports.chat + 1}`).get('/internal/models'),
    ]);

    expect(answers[0]?.status).toBe(401);
    expect(answers[0]?.json).toMatchObject({ error: { code: 'invalid_api_key' } });
    expect(answers[3]?.status).toBe(404);
    for (const answer of answers.slice(1)) expect(answer.text).not.toContain('"models"');
  });
});
