import { CompiledBackends } from '#libs/contracts/compiled-tenant.js';
import { BackendSpec } from '#libs/contracts/backend-spec.js';
import type { FollowedFile } from '#libs/kernel/followed-file.js';
import type { BackendDefinition } from '#libs/inference/domain/backend.js';
import { backendFromSpec } from '#libs/inference/domain/backend-from-spec.js';
import { BackendRegistry } from '#libs/inference/ports/backend-registry.js';

/** Reads the text of a mounted `backends.json`; throws where it is not one. */
export function readCompiledBackends(text: string): readonly BackendDefinition[] {
  return CompiledBackends.parse(JSON.parse(text))
    .map(({ name, revision, spec }) => backendFromSpec(name, BackendSpec.parse(spec), revision))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The backends of a dedicated tenant's own router, from a mounted file that the operator replaces. */
export class FileBackendRegistry extends BackendRegistry {
  constructor(private readonly file: FollowedFile<readonly BackendDefinition[]>) {
    super();
  }

  override list(): Promise<readonly BackendDefinition[]> {
    return Promise.resolve(this.file.value);
  }
}
