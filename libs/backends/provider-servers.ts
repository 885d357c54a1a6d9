import type { BackendDefinition, BackendModel } from '#libs/inference/domain/backend.js';
import type { Attempt, ModelServer, ReplySink, ServerRequest } from '#libs/inference/ports/model-server.js';

/** Hands each backend to the adapter that speaks its dialect. */
export class ProviderServers implements ModelServer {
  constructor(
    private readonly openai: ModelServer,
    private readonly demo: ModelServer,
  ) {}

  send(request: ServerRequest, sink: ReplySink): Attempt {
    return this.of(request.backend).send(request, sink);
  }

  models(backend: BackendDefinition, apiKey: string | null): Promise<readonly BackendModel[]> {
    return this.of(backend).models(backend, apiKey);
  }

  private of({ provider }: BackendDefinition): ModelServer {
    return provider === 'demo' ? this.demo : this.openai;
  }
}
