import type { BackendDefinition } from '../domain/backend.js';

/** The ModelBackend manifests of the platform. */
export abstract class BackendRegistry {
  /** All of them, in order of their names. Asked every few seconds, so that an edit shows without a restart. */
  abstract list(): Promise<readonly BackendDefinition[]>;
}
