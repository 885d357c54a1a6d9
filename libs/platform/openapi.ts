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
import { ScimErrorBody } from '#libs/contracts/scim-views.js';
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
        : endpoint.access === 'scim-token'
          ? ['unauthenticated']
          : [];
  const changing: ErrorCode[] = isGuarded(endpoint) ? ['origin_refused'] : [];
  const proof: ErrorCode[] = endpoint.stepUp === undefined ? [] : ['step_up_required'];
  return [...new Set([...common, ...access, ...changing, ...proof, ...(endpoint.errors ?? [])])];
}

/** Whether it takes the header of our pages. */
function isGuarded({ face, method, crossSite }: Endpoint): boolean {
  return face !== 'router' && method !== 'GET' && crossSite !== true;
}

function success(endpoint: Endpoint): ZodOpenApiResponseObject {
  const streamed =
    endpoint.path === '/v1/chat/completions' ? { 'text/event-stream': { schema: { type: 'string' as const } } } : {};
  if (endpoint.reply !== undefined) {
    const type = endpoint.replyType ?? 'application/json';
    return { description: 'Success', content: { [type]: { schema: endpoint.reply }, ...streamed } };
  }
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
  const isScim = endpoint.access === 'scim-token';
  const schema = endpoint.face === 'router' ? OpenAiErrorBody : isScim ? ScimErrorBody : ErrorBody;
  const type = isScim ? 'application/scim+json' : 'application/json';
  const failures = [...byStatus].map(([status, codes]) => [
    status,
    { description: codes.join(', '), content: { [type]: { schema } } },
  ]);
  return { [String(endpoint.status)]: success(endpoint), ...Object.fromEntries(failures) } as ZodOpenApiResponsesObject;
}

function demandText(demands: Endpoint['demands']): string {
  if (demands === 'public') return 'Anybody may call it.';
  if (demands === 'own') return "Only about what is the caller's own.";
  if (demands === 'scim-token') return 'For the directory of the organisation, by its token.';
  if ('scope' in demands) return `Takes the scope ${demands.scope}.`;
  return `Takes the right to ${demands.action}: ${demands.subject}.`;
}

function stepUpText(stepUp: Endpoint['stepUp']): readonly string[] {
  switch (stepUp) {
    case undefined:
      return [];
    case 'always':
      return ['Takes a proof of who one is that is no older than five minutes.'];
    case 'sometimes':
      return ['For some of it takes a proof of who one is that is no older than five minutes.'];
  }
}

function operation(name: string, endpoint: Endpoint): ZodOpenApiOperationObject {
  return {
    operationId: name,
    summary: endpoint.summary,
    description: [demandText(endpoint.demands), ...stepUpText(endpoint.stepUp)].join(' '),
    ...(endpoint.access === 'public' ? { security: [] } : {}),
    ...(endpoint.access === 'scim-token' ? { security: [{ directory: [] }] } : {}),
    requestParams: {
      ...(endpoint.params === undefined ? {} : { path: endpoint.params }),
      ...(endpoint.query === undefined ? {} : { query: endpoint.query }),
    },
    ...(isGuarded(endpoint)
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
  const directory: Record<string, ZodOpenApiSecuritySchemeObject> =
    face === 'chat' ? { directory: { type: 'http', scheme: 'bearer' } } : {};
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
    components: { securitySchemes: { ...scheme, ...directory } },
    paths,
  });
}
