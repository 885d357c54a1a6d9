import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
  type ZodOpenApiSecuritySchemeObject,
} from 'zod-openapi';
import type { Endpoint, Face } from '#libs/contracts/endpoint.js';
import { guardHeader } from '#libs/contracts/endpoint.js';
import { endpoints } from '#libs/contracts/endpoints.js';
import { ErrorBody, OpenAiErrorBody } from '#libs/contracts/error-body.js';
import { errorTable, type ErrorCode } from '#libs/kernel/errors.js';

const titles: Readonly<Record<Face, string>> = {
  chat: 'Whisper chat',
  admin: 'Whisper admin',
  router: 'Whisper model API',
};

const summaries: Readonly<Record<Face, string>> = {
  chat: 'What the web chat of a tenant uses. Sessions are cookies; every change needs the header of our pages.',
  admin: 'What the admin pages of a tenant use.',
  router:
    'The OpenAI-compatible API of a tenant. Parameters the schema does not name reach the model server unchanged.',
};

function errorsOf(endpoint: Endpoint): readonly ErrorCode[] {
  const common: ErrorCode[] = ['bad_request', 'not_found', 'internal'];
  const access: ErrorCode[] =
    endpoint.access === 'session'
      ? ['unauthenticated', 'forbidden']
      : endpoint.access === 'api-key'
        ? ['invalid_api_key']
        : [];
  const changing: ErrorCode[] = endpoint.face !== 'router' && endpoint.method !== 'GET' ? ['origin_refused'] : [];
  return [...new Set([...common, ...access, ...changing, ...(endpoint.errors ?? [])])];
}

function success(endpoint: Endpoint): ZodOpenApiResponseObject {
  const streamed =
    endpoint.path === '/v1/chat/completions' ? { 'text/event-stream': { schema: { type: 'string' as const } } } : {};
  if (endpoint.reply !== undefined)
    return { description: 'Success', content: { 'application/json': { schema: endpoint.reply }, ...streamed } };
  if (endpoint.replyType !== undefined)
    return { description: 'Success', content: { [endpoint.replyType]: { schema: { type: 'string' } } } };
  return { description: endpoint.status === 302 ? 'Goes on elsewhere' : 'Done' };
}

function responses(endpoint: Endpoint): ZodOpenApiResponsesObject {
  const byStatus = new Map<string, ErrorCode[]>();
  for (const code of errorsOf(endpoint)) {
    const status = String(errorTable[code].status);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const schema = endpoint.face === 'router' ? OpenAiErrorBody : ErrorBody;
  const failures = [...byStatus].map(([status, codes]) => [
    status,
    { description: codes.join(', '), content: { 'application/json': { schema } } },
  ]);
  return { [String(endpoint.status)]: success(endpoint), ...Object.fromEntries(failures) } as ZodOpenApiResponsesObject;
}

function operation(name: string, endpoint: Endpoint): ZodOpenApiOperationObject {
  const changing = endpoint.face !== 'router' && endpoint.method !== 'GET';
  return {
    operationId: name,
    summary: endpoint.summary,
    ...(endpoint.access === 'public' ? { security: [] } : {}),
    requestParams: {
      ...(endpoint.params === undefined ? {} : { path: endpoint.params }),
      ...(endpoint.query === undefined ? {} : { query: endpoint.query }),
    },
    ...(changing
      ? { parameters: [{ name: guardHeader, in: 'header', required: true, schema: { type: 'string' } }] }
      : {}),
    ...(endpoint.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: endpoint.body } } } }),
    responses: responses(endpoint),
  };
}

/** The OpenAPI 3.1 document of one face, made from the contracts. */
export function openApiOf(face: Face, version: string): ReturnType<typeof createDocument> {
  const paths: ZodOpenApiPathsObject = {};
  for (const [name, endpoint] of endpoints) {
    if (endpoint.face !== face) continue;
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(name, endpoint) };
  }
  const scheme: Record<string, ZodOpenApiSecuritySchemeObject> =
    face === 'router'
      ? { apiKey: { type: 'http', scheme: 'bearer' } }
      : {
          session: { type: 'apiKey', in: 'cookie', name: face === 'chat' ? '__Host-whisper' : '__Host-whisper-admin' },
        };
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: titles[face],
      version,
      description: summaries[face],
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [Object.fromEntries(Object.keys(scheme).map((key) => [key, []]))],
    components: { securitySchemes: scheme },
    paths,
  });
}
