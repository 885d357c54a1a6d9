import type { BackendDefinition, Provider } from '#libs/inference/domain/backend.js';
import type { ServerFinder } from '#libs/inference/ports/server-finder.js';
import { askModels } from './ask-models.js';

export type FoundProvider = Extract<Provider, 'ollama' | 'vllm' | 'lmstudio' | 'llamacpp'>;

/** A server on this machine answers within milliseconds, unless it is just loading a model. */
const askMs = 800;

/** Looks for well-known model servers on 127.0.0.1, all ports at once. */
export class LoopbackFinder implements ServerFinder {
  /** @param ports where each kind of server usually listens */
  constructor(private readonly ports: Readonly<Record<FoundProvider, number>>) {}

  async find(): Promise<readonly BackendDefinition[]> {
    const kinds: readonly FoundProvider[] = ['ollama', 'vllm', 'lmstudio', 'llamacpp'];
    const answers = await Promise.all(kinds.map((kind) => this.look(kind)));
    return answers.filter((answer) => answer !== null);
  }

  private async look(provider: FoundProvider): Promise<BackendDefinition | null> {
    const port = this.ports[provider];
    const url = `http://127.0.0.1:${port}/v1`;
    const empty: BackendDefinition = {
      name: provider,
      provider,
      source: 'found',
      url,
      apiKeySecretRef: null,
      models: null,
      maxConcurrent: null,
      revision: `found:${port}`,
    };
    try {
      return { ...empty, models: await askModels(empty, url, null, askMs) };
    } catch {
      // Nothing listens there, or something that is no model server: nothing was found, which is no error.
      return null;
    }
  }
}
