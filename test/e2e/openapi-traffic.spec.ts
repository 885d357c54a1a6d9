import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { openApiOf } from '#libs/platform/openapi.js';
import { FakeModelServer } from '#test/fakes/fake-model-server.js';
import { memoryTenant } from '#test/fakes/memory-tenants.js';
import { backendAt, startRouter, type TestRouter } from '#test/support/router-app.js';

const document = openApiOf('router', '0.0.0');

/** A pointer into the document, which a schema of it may use to refer to its components. */
function pointer(...steps: readonly string[]): string {
  return `document#/${steps.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`;
}

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
ajv.addSchema({ ...document, $id: 'document' });

function faults(value: unknown, ...steps: readonly string[]): unknown {
  const validate = ajv.getSchema(pointer(...steps));
  if (validate === undefined) return `the document has nothing at ${pointer(...steps)}`;
  return validate(value) === true ? [] : validate.errors;
}

const json = ['content', 'application/json', 'schema'] as const;

describe('the OpenAPI document of /v1', () => {
  let fake: FakeModelServer;
  let router: TestRouter;

  beforeAll(async () => {
    fake = await FakeModelServer.start();
    router = await startRouter();
    router.addTenant(memoryTenant('acme', { backends: [{ name: 'local' }], defaultModel: 'tiny' }));
    await router.setBackends([backendAt('local', fake.url)]);
  });
  afterAll(async () => {
    await router.close();
    await fake.close();
  });
  beforeEach(() => fake.reset());

  async function call(method: 'GET' | 'POST', path: string, body?: object, key = 'acme') {
    const response = await fetch(`${router.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    const operation = ['paths', path, method.toLowerCase()];
    return {
      status: response.status,
      request: body === undefined ? [] : faults(body, ...operation, 'requestBody', ...json),
      reply: faults(answer, ...operation, 'responses', String(response.status), ...json),
    };
  }
  const messages = [{ role: 'user', content: 'Hi there' }];

  it.each<[string, 'GET' | 'POST', string, object | undefined, string, number]>([
    ['a list of models', 'GET', '/v1/models', undefined, 'acme', 200],
    ['a completion', 'POST', '/v1/chat/completions', { model: 'tiny', messages, seed: 7 }, 'acme', 200],
    ['embeddings', 'POST', '/v1/embeddings', { model: 'tiny-embed', input: ['one', 'two'] }, 'acme', 200],
    ['a wrong key', 'GET', '/v1/models', undefined, 'nobody', 401],
    ['an unknown model', 'POST', '/v1/chat/completions', { model: 'no-such-model', messages }, 'acme', 404],
  ])('describes %s', async (_case, method, path, body, key, status) => {
    expect(await call(method, path, body, key)).toEqual({ status, request: [], reply: [] });
  });

  it('refuses a body that the document refuses', async () => {
    const { status, request, reply } = await call('POST', '/v1/chat/completions', { model: 7, messages });

    expect(status).toBe(400);
    expect(request).not.toEqual([]);
    expect(reply).toEqual([]);
  });

  it('names the stream of a completion', () => {
    const stream = document.paths?.['/v1/chat/completions']?.post?.responses?.['200'];

    expect(stream).toMatchObject({ content: { 'text/event-stream': {} } });
  });
});
