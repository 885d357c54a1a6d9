import type { z } from 'zod';
import type { Endpoint } from '#libs/contracts/endpoint.js';
import type { ErrorBody } from '#libs/contracts/error-body.js';
import { askWhoItIs } from './identity-check.js';
import { RequestFailure, offlineCode } from './request-failure.js';

/** Every endpoint among the exports of contract modules. */
type EndpointsOf<Module> = Extract<Module[keyof Module], Endpoint>;
type RouteOf<E> = E extends Endpoint ? `${E['method']} ${E['path']}` : never;
type AtRoute<E, Route> = E extends Endpoint ? (`${E['method']} ${E['path']}` extends Route ? E : never) : never;
type Input<E, Part extends 'params' | 'query' | 'body'> = E extends {
  readonly [P in Part]: infer Schema extends z.ZodType;
}
  ? { readonly [P in Part]: z.input<Schema> }
  : unknown;
type OptionalQuery<E> = E extends { readonly query: infer Schema extends z.ZodType }
  ? { readonly query?: z.input<Schema> }
  : unknown;
type Call<E> = Input<E, 'params'> & OptionalQuery<E> & Input<E, 'body'> & { readonly signal?: AbortSignal };
type Reply<E> = E extends { readonly reply: infer Schema extends z.ZodType } ? z.output<Schema> : undefined;

/** Calls the endpoints of `Module`, typed by their contracts; fails with a RequestFailure. */
export type ApiClient<Module> = <Route extends RouteOf<EndpointsOf<Module>>>(
  route: Route,
  ...call: Record<never, never> extends Call<AtRoute<EndpointsOf<Module>, Route>>
    ? [Call<AtRoute<EndpointsOf<Module>, Route>>?]
    : [Call<AtRoute<EndpointsOf<Module>, Route>>]
) => Promise<Reply<AtRoute<EndpointsOf<Module>, Route>>>;

interface AnyCall {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string | number | boolean | null | undefined>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

function fillIn(path: string, { params = {}, query = {} }: AnyCall): string {
  const filled = path.replaceAll(/:(\w+)/g, (_match, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  return search.size === 0 ? filled : `${filled}?${search}`;
}

async function failureOf(response: Response): Promise<RequestFailure> {
  const requestId = response.headers.get('x-request-id') ?? '';
  try {
    const body = (await response.json()) as Partial<ErrorBody>;
    if (body.error !== undefined) return new RequestFailure(body.error, response.status);
  } catch {
    // Not ours: a proxy's page. Its words are not for people.
  }
  const view = { code: 'internal', message: '', action: '', requestId, retryable: true };
  return new RequestFailure(view, response.status);
}

function offline(): RequestFailure {
  return new RequestFailure({ code: offlineCode, message: '', action: '', requestId: '', retryable: true }, 0);
}

/** Longest wait for an answer, in ms. Nothing the API does takes longer; answers of models come by socket. */
const deadlineMs = 30_000;

/**
 * `onSessionEnd` runs when the server no longer knows the session. What takes a new proof of who somebody is waits for
 * it, and is asked once more.
 */
export function apiClient<Module>(onSessionEnd: () => void): ApiClient<Module> {
  const request = async (route: string, call: AnyCall = {}, isRepeated = false): Promise<unknown> => {
    const [method = 'GET', path = '/'] = route.split(' ');
    const deadline = AbortSignal.timeout(deadlineMs);
    const headers: Record<string, string> = { accept: 'application/json' };
    // The guard header of libs/contracts/endpoint.ts.
    if (method !== 'GET') headers['x-whisper-request'] = '1';
    if (call.body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(fillIn(path, call), {
      method,
      headers,
      credentials: 'same-origin',
      signal: call.signal === undefined ? deadline : AbortSignal.any([call.signal, deadline]),
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    }).catch((error: unknown) => {
      if (call.signal?.aborted === true) throw error;
      throw offline();
    });
    if (response.ok) return response.status === 204 ? undefined : await response.json();
    const failure = await failureOf(response);
    if (failure.view.code === 'unauthenticated') onSessionEnd();
    const isAskedFor = failure.view.code === 'step_up_required' && !isRepeated;
    if (isAskedFor && (await askWhoItIs(failure.view))) return request(route, call, true);
    throw failure;
  };
  return ((route: string, call?: AnyCall) => request(route, call)) as ApiClient<Module>;
}
