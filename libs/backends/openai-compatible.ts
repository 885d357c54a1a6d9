import { Pool, type Dispatcher } from 'undici';
import { AppError } from '#libs/kernel/errors.js';
import type { BackendDefinition, BackendModel } from '#libs/inference/domain/backend.js';
import type { Attempt, ModelServer, ReplySink, ServerRequest } from '#libs/inference/ports/model-server.js';
import { askModels } from './ask-models.js';
import { OpenAiAttempt } from './openai-attempt.js';

/** Sockets to one backend where its manifest sets no bound: more wait in line, so that no server drowns. */
const usualConnections = 512;
/** How long an idle socket is kept, in ms: less than the 5 s after which many servers close theirs. */
const keepAliveMs = 4_000;

interface OpenPool {
  readonly pool: Pool;
  readonly revision: string;
  /** Path of the base URL, as `/v1`. */
  readonly basePath: string;
}

/** Speaks to every OpenAI-compatible server (OpenAI, vLLM, Ollama's /v1, LM Studio, llama.cpp) over HTTP/1.1. */
export class OpenAiCompatible implements ModelServer {
  private readonly pools = new Map<string, OpenPool>();

  /** @param askTimeoutMs longest wait for a list of models; nobody waits for it, so it may be generous */
  constructor(private readonly askTimeoutMs = 3_000) {}

  send(request: ServerRequest, sink: ReplySink): Attempt {
    const attempt = new OpenAiAttempt(request, sink);
    const { pool, basePath } = this.poolOf(request.backend, request.deadlines.connectMs);
    pool.dispatch(options(request, `${basePath}/${request.path}`), attempt);
    return attempt;
  }

  async models(backend: BackendDefinition, apiKey: string | null): Promise<readonly BackendModel[]> {
    if (backend.url === null) throw new AppError('backend_unavailable', `"${backend.name}" has no address.`);
    return askModels(backend, backend.url, apiKey, this.askTimeoutMs);
  }

  async close(): Promise<void> {
    const open = [...this.pools.values()];
    this.pools.clear();
    await Promise.all(open.map(({ pool }) => pool.destroy()));
  }

  private poolOf(backend: BackendDefinition, timeoutMs: number): OpenPool {
    const key = `${backend.source}:${backend.name}`;
    const open = this.pools.get(key);
    if (open?.revision === backend.revision) return open;
    // Calls that still run on the old pool end on it; new ones go to the new address.
    void open?.pool.close();
    const url = new URL(backend.url ?? '');
    const pool = new Pool(url.origin, {
      connections: backend.maxConcurrent ?? usualConnections,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: keepAliveMs,
      connect: { timeout: timeoutMs },
    });
    const made = { pool, revision: backend.revision, basePath: url.pathname.replace(/\/+$/, '') };
    this.pools.set(key, made);
    return made;
  }
}

function options(request: ServerRequest, path: string): Dispatcher.DispatchOptions {
  const headers: string[] = ['content-type', 'application/json', 'accept-encoding', 'identity'];
  if (request.apiKey !== null) headers.push('authorization', `Bearer ${request.apiKey}`);
  if (request.traceparent !== null) headers.push('traceparent', request.traceparent);
  return { method: 'POST', path, headers, body: request.body };
}
