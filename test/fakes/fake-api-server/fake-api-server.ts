import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type ApiResource, apiVersionOf, type KindName } from '#operator/runtime/api-resource.js';
import type { Connection } from '#operator/runtime/connection.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { builtInResources } from '#operator/runtime/resource-table.js';
import { ApiFailure, badRequest } from './api-status.js';
import { type FakeResource, fakeResource } from './fake-resource.js';
import { type Fault, Faults, type SeenRequest } from './faults.js';
import { GarbageCollector } from './garbage-collector.js';
import { Lists } from './lists.js';
import { ObjectStore } from './object-store.js';
import { jsonPatch, mergePatch } from './patches.js';
import { type Target, discoveryOf, targetOf } from './request-path.js';
import { Watches } from './watches.js';
import { type DeleteBody, type Writer, Writes } from './writes.js';

interface FakeOptions {
  /** Kinds beside the built-in ones. */
  readonly resources?: readonly (ApiResource & { readonly listKeys?: FakeResource['listKeys'] })[];
  /** For timestamps of objects. */
  readonly now?: () => Date;
}

/**
 * A Kubernetes API server in memory, over real HTTP on loopback. It has no schemas: what it knows of kinds is in
 * fake-resource.ts. The suite kube-api.spec.ts holds it to what the real one does.
 */
export class FakeApiServer {
  readonly store = new ObjectStore();
  readonly faults = new Faults();
  readonly watches = new Watches(this.store);
  /** Every request that was answered or not, watches too. */
  readonly requests: SeenRequest[] = [];
  /** Connections there have been. */
  connections = 0;
  /** Called before a write is done; a test throws here to have the writer's connection break. */
  onWrite: ((request: SeenRequest) => void | Promise<void>) | null = null;
  /** What it publishes of the keys of ServiceAccount tokens, by path. A test replaces it. */
  issuer: Readonly<Record<string, object>> = issuerDocuments('https://kubernetes.fake', 'first');
  private readonly lists = new Lists(this.store);
  private readonly writes: Writes;
  private readonly collector: GarbageCollector;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  private resources: FakeResource[];
  private isDown = false;

  private constructor(options: FakeOptions) {
    this.resources = [
      ...builtInResources.map((one) => fakeResource(one)),
      ...(options.resources ?? []).map((one) => fakeResource(one, one.listKeys)),
    ];
    this.writes = new Writes(this.store, options.now ?? (() => new Date()));
    this.collector = new GarbageCollector(this.store, this.writes, () => this.resources);
    this.server = createServer((request, response) => void this.serve(request, response));
    this.server.on('connection', (socket) => {
      if (this.isDown) return socket.destroy();
      this.connections += 1;
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  /** Starts one with the namespaces `default` and `kube-system`. */
  static async start(options: FakeOptions = {}): Promise<FakeApiServer> {
    const fake = new FakeApiServer(options);
    fake.server.listen(0, '127.0.0.1');
    await once(fake.server, 'listening');
    for (const name of ['default', 'kube-system'])
      fake.seed({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    return fake;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get connection(): Connection {
    return { server: `http://127.0.0.1:${this.port}`, credentials: () => Promise.resolve({ headers: {} }) };
  }

  /** Puts an object there without a request. */
  seed(object: KubeObject): KubeObject {
    const resource = this.resources.find(
      (one) =>
        one.kind === object.kind &&
        (one.group === '' ? one.version : `${one.group}/${one.version}`) === object.apiVersion,
    );
    if (resource === undefined) throw new Error(`no such kind: ${object.apiVersion} ${object.kind}`);
    const { namespace } = object.metadata;
    return this.writes.create({ resource, namespace, name: undefined, subresource: undefined }, object, seeder);
  }

  /** Another kind, as if its CustomResourceDefinition had been applied just now. */
  register(resource: ApiResource): void {
    this.resources = [...this.resources, fakeResource(resource)];
  }

  /** The kind is gone with all its objects, as if its CustomResourceDefinition had been deleted. */
  unregister({ apiVersion, kind }: KindName): void {
    const isIt = (one: FakeResource) => one.kind === kind && apiVersionOf(one) === apiVersion;
    for (const resource of this.resources.filter(isIt))
      for (const object of this.store.list(resource, undefined)) this.store.remove(resource, object);
    this.resources = this.resources.filter((one) => !isIt(one));
  }

  /** Forgets its history: watches and pages that go on from earlier are answered with 410. */
  compact(): void {
    this.store.compact();
    this.lists.expire();
  }

  /** While down, every connection breaks at once. */
  setDown(isDown: boolean): void {
    this.isDown = isDown;
    if (isDown) for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    try {
      const seen = await readRequest(request);
      this.requests.push(seen);
      const fault = this.faults.take(seen);
      if (fault !== null && !(await suffer(fault, request, response))) return;
      if (seen.method !== 'GET') await this.onWrite?.(seen);
      const answer = this.answer(seen, request, response);
      if (fault?.kind === 'reset-after') return void request.socket.destroy();
      if (answer !== null) reply(response, answer.code, answer.body);
    } catch (error) {
      if (error instanceof ApiFailure) fail(response, error);
      else request.socket.destroy();
    }
  }

  private answer(seen: SeenRequest, request: IncomingMessage, response: ServerResponse) {
    if (seen.path === '/readyz' || seen.path === '/livez') return { code: 200, body: 'ok' };
    const published = this.issuer[seen.path];
    if (published !== undefined) return { code: 200, body: acceptable(seen.path, request, published) };
    const discovery = discoveryOf(this.resources, seen.path);
    if (discovery !== null) return { code: 200, body: discovery };
    const target = targetOf(this.resources, seen.path);
    if (target === null) throw new ApiFailure(404, 'NotFound', 'the server could not find the requested resource');
    if (seen.method !== 'GET') return this.write(target, seen, request);
    if (target.name !== undefined && seen.query.get('watch') !== 'true')
      return { code: 200, body: this.writes.present(target) };
    if (seen.query.get('watch') !== 'true') return { code: 200, body: this.lists.page(target, seen.query) };
    this.watches.start(target, seen.query, response);
    return null;
  }

  private write(target: Target, seen: SeenRequest, request: IncomingMessage): { code: number; body: object } {
    const writer = writerOf(seen, request);
    const before = this.store.version;
    const code = seen.method === 'POST' ? 201 : 200;
    const body = this.change(target, seen, writer, request.headers['content-type'] ?? '');
    // Later, as in a cluster: what a client did is answered before its consequences are seen.
    if (this.store.version !== before) setImmediate(() => this.collector.run());
    return { code, body };
  }

  private change(target: Target, seen: SeenRequest, writer: Writer, contentType: string): object {
    const body = seen.body as KubeObject;
    switch (seen.method) {
      case 'POST':
        return this.writes.create(target, body, writer);
      case 'PUT':
        return this.writes.update(target, writer, () => body);
      case 'PATCH':
        return this.patch(target, seen, writer, contentType.split(';')[0] ?? '');
      case 'DELETE': {
        const options = (seen.body ?? {}) as DeleteBody;
        return this.writes.delete(target, options, writer.isDryRun || (options.dryRun ?? []).length > 0);
      }
      default:
        throw new ApiFailure(405, 'MethodNotAllowed', `${seen.method} is not allowed`);
    }
  }

  private patch(target: Target, seen: SeenRequest, writer: Writer, contentType: string): object {
    if (contentType === 'application/apply-patch+yaml') {
      if (seen.query.get('fieldManager') === null) throw badRequest('PatchOptions.fieldManager is required for apply');
      return this.writes.apply(target, seen.body as KubeObject, writer);
    }
    if (seen.query.get('force') === 'true') throw badRequest('force is for apply only');
    if (contentType === 'application/merge-patch+json')
      return this.writes.update(target, writer, (before) => mergePatch(before, seen.body) as KubeObject);
    if (contentType === 'application/json-patch+json')
      return this.writes.update(
        target,
        writer,
        (before) => jsonPatch({ ...before }, seen.body as never) as unknown as KubeObject,
      );
    throw new ApiFailure(
      415,
      'UnsupportedMediaType',
      `the body of the request was in an unknown format: ${contentType}`,
    );
  }
}

/** A set of keys goes to those alone who ask for one. */
function acceptable(path: string, { headers }: IncomingMessage, body: object): object {
  if (path !== '/openid/v1/jwks' || headers.accept === 'application/jwk-set+json') return body;
  throw new ApiFailure(406, 'NotAcceptable', 'Available representations: application/jwk-set+json');
}

/** As an API server publishes the issuer of its ServiceAccount tokens; the key is one in name only. */
export function issuerDocuments(issuer: string, kid: string): Readonly<Record<string, object>> {
  return {
    '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/openid/v1/jwks` },
    '/openid/v1/jwks': { keys: [{ kty: 'RSA', alg: 'RS256', use: 'sig', kid, n: 'AQAB', e: 'AQAB' }] },
  };
}

const seeder: Writer = { manager: 'seed', isForced: false, isDryRun: false };

async function readRequest(request: IncomingMessage): Promise<SeenRequest> {
  const url = new URL(request.url ?? '/', 'http://fake');
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  const { authorization } = request.headers;
  return { method: request.method ?? 'GET', path: url.pathname, query: url.searchParams, body, authorization };
}

/** True when the request is to be answered all the same. */
async function suffer(fault: Fault, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  switch (fault.kind) {
    case 'reset':
      request.socket.destroy();
      return false;
    case 'hang':
      return false;
    case 'status': {
      const { code, reason, retryAfterSeconds } = fault;
      const extra = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
      fail(response, new ApiFailure(code, reason, `a fault was ordered: ${reason}`, extra));
      return false;
    }
    case 'delay':
      await new Promise((resolve) => setTimeout(resolve, fault.ms));
      return true;
    case 'reset-after':
      return true;
  }
}

function writerOf(seen: SeenRequest, request: IncomingMessage): Writer {
  const agent = (request.headers['user-agent'] ?? 'unknown').split('/')[0] ?? 'unknown';
  return {
    manager: seen.query.get('fieldManager') ?? agent,
    isForced: seen.query.get('force') === 'true',
    isDryRun: seen.query.get('dryRun') === 'All',
  };
}

function fail(response: ServerResponse, failure: ApiFailure): void {
  const { retryAfterSeconds } = failure.extra;
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds));
  reply(response, failure.code, failure.toStatus());
}

function reply(response: ServerResponse, code: number, body: object | string): void {
  if (response.headersSent || response.destroyed) return;
  const isText = typeof body === 'string';
  response.writeHead(code, { 'content-type': isText ? 'text/plain' : 'application/json' });
  response.end(isText ? body : JSON.stringify(body));
}
