import { describeError } from '#libs/kernel/errors.js';
import type { AppliedManifests, ApplyManifests } from '#libs/tenancy/app/apply-manifests.js';
import type { ManifestSource } from '#libs/tenancy/ports/manifest-source.js';

/** A manifest that vanished is often only being replaced; a tenant is suspended when it is still gone after this. */
const goneMs = 2_000;

interface Following {
  readonly source: ManifestSource;
  readonly apply: ApplyManifests;
  readonly tell: (applied: AppliedManifests) => void;
  readonly onError: (message: string) => void;
}

/** Applies the manifests now, and again after each change of their folder. */
export async function followManifests({
  source,
  apply,
  tell,
  onError,
}: Following): Promise<{ first: AppliedManifests; stop: () => Promise<void> }> {
  const first = await apply.apply(await source.read());
  let running: Promise<void> = Promise.resolve();
  let again: NodeJS.Timeout | undefined;
  let said = JSON.stringify(first.problems);
  const pass = async (mayRemove: boolean) => {
    const snapshot = await source.read();
    const applied = await apply.apply(mayRemove ? snapshot : { ...snapshot, incomplete: true });
    // The same problem is told once, not at every change of another file.
    const words = JSON.stringify(applied.problems);
    tell(words === said ? { ...applied, problems: [] } : applied);
    said = words;
  };
  const queue = (mayRemove: boolean) => {
    running = running.then(() => pass(mayRemove)).catch((error: unknown) => onError(describeError(error)));
  };
  const unwatch = await source.watch(() => {
    queue(false);
    clearTimeout(again);
    again = setTimeout(() => queue(true), goneMs);
  });
  return {
    first,
    async stop() {
      clearTimeout(again);
      await unwatch();
      await running;
    },
  };
}
