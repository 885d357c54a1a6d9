import type { ModelList } from '#libs/contracts/chat-views.js';
import { type CompletionPart, type CompletionRequest, Completions } from '#libs/chat/ports/completions.js';

type Step = { readonly text: string; readonly afterMs: number } | { readonly throws: Error };

/** Completions that say what a script says, word by word. */
export class ScriptedCompletions extends Completions {
  readonly requests: CompletionRequest[] = [];
  /** When each stream was aborted, if it was. */
  readonly abortedAtMs: number[] = [];
  script: readonly Step[] = [];

  /** A script of `words` words, one each `everyMs`. */
  static words(words: number, everyMs: number): readonly Step[] {
    return Array.from({ length: words }, (_, index) => ({ text: `w${index} `, afterMs: everyMs }));
  }

  override async *stream(request: CompletionRequest, signal: AbortSignal): AsyncGenerator<CompletionPart, void> {
    this.requests.push(request);
    signal.addEventListener('abort', () => this.abortedAtMs.push(Date.now()), { once: true });
    yield { kind: 'start', model: request.model, demo: false, attempts: 1, fallbackFrom: null };
    for (const step of this.script) {
      if ('throws' in step) throw step.throws;
      if (step.afterMs > 0) await new Promise((resolve) => setTimeout(resolve, step.afterMs));
      if (signal.aborted) throw signal.reason;
      yield { kind: 'text', text: step.text };
    }
    yield { kind: 'end', finishReason: 'stop', promptTokens: 3, completionTokens: this.script.length, costMicroUsd: 0 };
  }

  override models(): Promise<ModelList> {
    const model = {
      id: 'scripted',
      backend: 'test',
      kind: 'chat' as const,
      demo: false,
      contextTokens: null,
      available: true,
    };
    return Promise.resolve({ models: [model], defaultModel: 'scripted', problem: null });
  }
}
