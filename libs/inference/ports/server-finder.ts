import type { BackendDefinition } from '../domain/backend.js';

/** Looks for model servers that run on this machine. */
export abstract class ServerFinder {
  /** Those that answer right now, named after their kind (`ollama`, `vllm`, …). Takes at most about a second. */
  abstract find(): Promise<readonly BackendDefinition[]>;
}
