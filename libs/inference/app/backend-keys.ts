import type { Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import type { Secrets } from '#libs/tenancy/ports/secrets.js';
import type { BackendDefinition } from '../domain/backend.js';

/** How long a key is taken from memory, in ms. A new key works within this time; a file is not read for each call. */
const keptMs = 5_000;

/** Keys of model backends, from the secrets of `backend-<name>`. */
export class BackendKeys {
  private readonly kept = new Map<string, { readonly key: string; readonly until: number }>();

  constructor(
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  /**
   * The backend's key, or null where it needs none.
   * @throws {AppError} backend_refused when the manifest names a key that is not there
   */
  async read(backend: BackendDefinition): Promise<string | null> {
    const ref = backend.apiKeySecretRef;
    if (ref === null) return null;
    const now = this.clock.now().getTime();
    const place = `${backend.name}/${ref.name}/${ref.key}`;
    const known = this.kept.get(place);
    if (known !== undefined && known.until > now) return known.key;
    const owner = `backend-${backend.name}`;
    const key = await this.secrets.read(owner, ref);
    if (key === null) throw missingKey(backend.name, this.secrets.whereIs(owner, ref));
    this.kept.set(place, { key, until: now + keptMs });
    return key;
  }
}

function missingKey(backend: string, place: string): AppError {
  return new AppError('backend_refused', `The key of the model server "${backend}" is not set.`, {
    action: `Put it into ${place}.`,
  });
}
