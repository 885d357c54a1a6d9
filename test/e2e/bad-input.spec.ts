import { execFileSync } from 'node:child_process';
import { request } from 'node:http';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Endpoint, guardHeader } from '#libs/contracts/endpoint.js';
import { endpoints } from '#libs/contracts/endpoints.js';
import { ErrorBody, OpenAiErrorBody } from '#libs/contracts/error-body.js';
import { errorTable } from '#libs/kernel/errors.js';
import { FakeModelServer } from '#test/fakes/fake-model-server.js';
import { type Answer, Browser } from '#test/support/browser.js';
import type { Component } from '#test/support/components.js';
import { describeWith } from '#test/support/components.js';
import { AnswerReader, LiveSocket } from '#test/support/live-socket.js';
import { newFolder, type Platform, startPlatform, twoTenants } from '#test/support/platform.js';
import { until } from '#test/support/until.js';

const fill = (path: string) =>
  path
    .replace(':id', path.startsWith('/api/keys') ? 'abcdefghij' : '01a20d6d-a911-7001-8d09-9ba1ec9a712a')
    .replace(':name', 'x');
const changing = [...endpoints].filter(([, { method }]) => method !== 'GET');
const pages = changing.filter(([, { face, crossSite }]) => face !== 'router' && crossSite !== true);
/** Called by others than our pages, with a proof of their own. */
const foreign = changing.filter(([, { crossSite }]) => crossSite === true);
const isScim = ({ access }: Endpoint): boolean => access === 'scim-token';
const withBody = changing.filter(([, { body }]) => body !== undefined);

describe('a request that is wrong', () => {
  let models: FakeModelServer;
  let platform: Platform;
  let chat: Browser;
  let admin: Browser;
  let key: string;

  beforeAll(async () => {
    models = await FakeModelServer.start();
    platform = await startPlatform({ tenants: await twoTenants(models.url) });
    chat = await platform.signIn('acme');
    admin = await platform.enterAdmin(chat);
    key = await platform.newKey('acme');
  });
  afterAll(async () => {
    await platform.close();
    await models.close();
  });

  interface Sent {
    readonly method?: string;
    readonly path?: string;
    readonly headers?: Record<string, string | undefined>;
    readonly body?: string;
  }

  /** Sends exactly this, as the endpoint's own face would be called otherwise. */
  const send = ({ face, method, path }: Endpoint, sent: Sent): Promise<Answer> => {
    const browser = face === 'admin' ? admin : chat;
    const { host, port } = new URL(browser.origin);
    const cookies = `__Host-whisper=${chat.cookie('__Host-whisper')}; __Host-whisper-admin=${admin.cookie('__Host-whisper-admin')}`;
    const usual: Record<string, string | undefined> = {
      host,
      ...(sent.body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(sent.body)) }),
      ...(face === 'router'
        ? { authorization: `Bearer ${key}` }
        : { cookie: cookies, origin: browser.origin, [guardHeader]: '1' }),
    };
    const headers = Object.fromEntries(
      Object.entries({ ...usual, ...sent.headers }).filter((pair): pair is [string, string] => pair[1] !== undefined),
    );
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { host: '127.0.0.1', port, method: sent.method ?? method, path: sent.path ?? fill(path), headers },
        (incoming) => {
          let text = '';
          incoming.on('data', (chunk: Buffer) => (text += chunk.toString()));
          incoming.on('end', () => {
            const isJson = (incoming.headers['content-type'] ?? '').includes('json') && text !== '';
            const json = isJson ? (JSON.parse(text) as Answer['json']) : {};
            resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json, location: null });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(sent.body);
    });
  };

  /** The code of an answer that must be a clear error in the dialect of its face. */
  const codeOf = (answer: Answer, face: Endpoint['face'] = 'chat'): string => {
    expect(answer.text).not.toMatch(/at \/|\.js:\d|node_modules|\/(work|tmp|home|usr|var)\//);
    if (face === 'router') {
      const { error } = OpenAiErrorBody.parse(answer.json);
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect(error.message.length).toBeGreaterThan(10);
      expect(answer.status).toBe(errorTable[error.code as keyof typeof errorTable].status);
      return error.code!;
    }
    const { error } = ErrorBody.parse(answer.json);
    expect(error.message.length).toBeGreaterThan(5);
    expect(error.action.length).toBeGreaterThan(5);
    expect(answer.headers['x-request-id']).toBe(error.requestId);
    expect(answer.status).toBe(errorTable[error.code as keyof typeof errorTable].status);
    return error.code;
  };

  /** The status of an answer that must be a clear error in the form of SCIM. */
  const scimStatusOf = (answer: Answer): number => {
    expect(answer.text).not.toMatch(/at \/|\.js:\d|node_modules|\/(work|tmp|home|usr|var)\//);
    expect(answer.json).toMatchObject({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: String(answer.status),
      detail: expect.stringMatching(/.{5}/),
    });
    return answer.status;
  };

  it.each(pages)('%s is refused without our header, and from any other origin', async (_name, endpoint) => {
    for (const headers of [
      { [guardHeader]: undefined },
      { origin: undefined },
      { origin: 'null' },
      { origin: `http://globex.localhost:${platform.port}` },
      { origin: endpoint.face === 'admin' ? chat.origin : admin.origin },
      { origin: `${endpoint.face === 'admin' ? admin.origin : chat.origin}.evil.example` },
    ])
      expect(codeOf(await send(endpoint, { headers, body: '{}' }))).toBe('origin_refused');
  });

  it.each(foreign)('%s acts on no cookie of ours', async (_name, endpoint) => {
    const { status, headers } = await send(endpoint, { body: '{}', headers: { origin: 'https://idp.example' } });

    // 302: an answer to a sign-out of ours leads on to the sign-in page, and does nothing.
    expect([302, 400, 401]).toContain(status);
    expect(headers['set-cookie']).toBeUndefined();
    expect((await chat.get('/api/me')).status).toBe(200);
  });

  it.each(withBody.filter(([, endpoint]) => isScim(endpoint)))(
    '%s says in the form of SCIM what is wrong with its body',
    async (_name, endpoint) => {
      const statuses = [];
      for (const body of ['{"a":', '', 'x'.repeat(1_100_000)])
        statuses.push(scimStatusOf(await send(endpoint, { body })));
      const headers = { 'content-type': 'text/plain' };
      statuses.push(scimStatusOf(await send(endpoint, { body: '{}', headers })));

      expect(statuses).toEqual([400, 400, 413, 415]);
    },
  );

  it.each(withBody.filter(([, endpoint]) => !isScim(endpoint)))(
    '%s says what is wrong with its body',
    async (_name, endpoint) => {
      const { face } = endpoint;
      const codes = [];
      for (const body of ['{"a":', '', 'x'.repeat(face === 'router' ? 11_000_000 : 1_100_000), '[]'])
        codes.push(codeOf(await send(endpoint, { body }), face));
      const headers = { 'content-type': 'text/plain' };
      codes.push(codeOf(await send(endpoint, { body: '{}', headers }), face));

      expect(codes.slice(0, 3)).toEqual(['invalid_json', 'invalid_json', 'body_too_large']);
      expect(['bad_request', 'invalid_json', 'model_not_found']).toContain(codes[3]);
      expect(codes[4]).toBe('unsupported_media_type');
    },
  );

  it.each([...endpoints])('%s refuses another method', async (_name, endpoint) => {
    const taken = new Set(
      [...endpoints.values()]
        .filter((one) => one.face === endpoint.face && one.path === endpoint.path)
        .map(({ method }) => method),
    );
    for (const method of (['POST', 'PUT', 'PATCH', 'DELETE'] as const).filter((one) => !taken.has(one)))
      if (isScim(endpoint)) expect(scimStatusOf(await send(endpoint, { method }))).toBe(405);
      else expect(codeOf(await send(endpoint, { method }), endpoint.face)).toBe('method_not_allowed');
  });

  it.each([
    ['no key', undefined],
    ['half a key', 'Bearer wk_abc'],
    ['another scheme', 'Basic abc'],
    ['a key of nobody', `Bearer wk_${'a'.repeat(16)}_${'a'.repeat(10)}_${'a'.repeat(43)}`],
  ])('the model API refuses %s', async (_case, authorization) => {
    expect(codeOf(await send(endpoints.get('v1Models')!, { headers: { authorization } }), 'router')).toBe(
      'invalid_api_key',
    );
  });

  it.each(['v1ChatCompletions', 'v1Embeddings'])('%s names a model that is not there', async (name) => {
    const body = JSON.stringify({ model: 'nothing', messages: [{ role: 'user', content: 'x' }], input: 'x' });

    expect(codeOf(await send(endpoints.get(name)!, { body }), 'router')).toBe('model_not_found');
  });

  it('a link that was used, is of nobody or is malformed opens nothing', async () => {
    const { stdout } = await platform.cli('link', '--tenant', 'acme');
    const token = stdout.trim().split('#')[1]!;
    const use = (value: string) => platform.chat('acme').call('POST', '/api/links/use', { token: value });

    expect((await use(token)).status).toBe(200);
    expect(codeOf(await use(token))).toBe('link_invalid');
    expect(codeOf(await use('x'.repeat(43)))).toBe('link_invalid');
    expect(codeOf(await use('short'))).toBe('bad_request');
  });

  it.each([
    ['a path that leaves the folder', '/assets/..%2f..%2f..%2fpackage.json'],
    ['an asset that is not there', '/assets/none.js'],
    ['half an escape', '/api/%E0%A4%A'],
    ['an id that is none', '/api/conversations/abc'],
    ['an API that is not there', '/api/none'],
    ['a name of 10,000 letters', `/api/conversations/${'a'.repeat(10_000)}`],
  ])('answers %s with a clear error', async (_case, path) => {
    const answer = await send(endpoints.get('getMe')!, { path });

    expect(['not_found', 'bad_request']).toContain(codeOf(answer));
  });

  it('frames that are wrong are named, and the socket goes on', async () => {
    const socket = await LiveSocket.open(chat);
    socket.send('sub', { topic: 'nonsense', after: 0 });
    socket.send('send', { clientId: 'x' });
    socket.send('stop', null);
    await until(() => socket.all('err').length === 3);
    socket.send('ping', { at: 5 });

    expect(await socket.first('pong')).toEqual({ at: 5 });
    for (const { error } of socket.all('err'))
      expect(error).toMatchObject({ code: 'bad_request', requestId: expect.any(String) });
    socket.drop();
  });

  const answerOf = async (text: string) => {
    const socket = await LiveSocket.open(chat);
    const { generationId } = await socket.say(text);
    const reader = new AnswerReader(generationId).follow(socket);
    await reader.ended(30_000);
    socket.drop();
    return reader.state;
  };

  it('a model server that dies in mid-answer leaves the text and says so', async () => {
    models.script('tiny', { words: ['one ', 'two ', 'three'], dieAfter: 2 });

    expect(await answerOf('Die')).toMatchObject({
      text: 'one two ',
      status: 'interrupted',
      error: { code: 'interrupted', retryable: true, action: expect.any(String) },
    });
    models.reset();
  });

  it('a model server that is down is named by its error, in the chat and at the API', async () => {
    await models.close();
    const body = JSON.stringify({ model: 'tiny', messages: [{ role: 'user', content: 'x' }] });

    expect(codeOf(await send(endpoints.get('v1ChatCompletions')!, { body }), 'router')).toBe('backend_unavailable');
    expect(await answerOf('Down')).toMatchObject({ status: 'failed', error: { code: 'backend_unavailable' } });
  });
});

/** A file system of 96 MB, which only root can mount. */
const smallDisk: Component = {
  name: 'a small file system',
  find: () => {
    if (process.getuid?.() !== 0) return { missing: 'only root can mount one' };
    try {
      execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'ignore', timeout: 5_000 });
      return 'tmpfs';
    } catch {
      return { missing: 'this machine lets nobody mount' };
    }
  },
};

describeWith(smallDisk, 'a disk that is full', () => {
  it('is told as such, and serves again when there is room', async () => {
    const folder = await newFolder();
    const data = join(folder, 'disk');
    await mkdir(data);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160m,mode=0711', 'none', data], { timeout: 5_000 });
    const platform = await startPlatform({ data });
    try {
      const ann = await platform.signIn('acme');
      await writeFile(join(data, 'ballast'), Buffer.alloc(160 * 1024 * 1024)).catch(() => undefined);
      const text = 'x'.repeat(100_000);
      const codes: string[] = [];
      await until(async () => {
        const intent = { kind: 'say', conversationId: null, parentId: null, text };
        const { json } = await ann.call('POST', '/api/turns', { clientId: crypto.randomUUID(), intent });
        const code = (json['error'] as { code: string } | undefined)?.code;
        if (code !== undefined) codes.push(code);
        return code !== undefined;
      }, 30_000);
      await rm(join(data, 'ballast'));

      expect(['disk_full', 'database_unavailable']).toContain(codes[0]);
      await until(async () => (await ann.get('/api/conversations')).status === 200, 30_000);
    } finally {
      await platform.stop();
      execFileSync('umount', ['-l', data], { timeout: 5_000 });
      await platform.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
