import { parseDocument } from 'yaml';
import { PlatformManifest } from '#libs/contracts/platform-spec.js';
import { type ManifestProblem, wordsOf } from './manifest.js';

type ReadPlatform =
  | { readonly kind: 'read'; readonly manifest: PlatformManifest }
  | { readonly kind: 'wrong'; readonly problems: readonly ManifestProblem[] };

/** Reads the WhisperPlatform of a file's text. */
export function readPlatform(file: string, text: string): ReadPlatform {
  const document = parseDocument(text);
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    const message = `is not valid YAML: ${syntax.message.split('\n')[0] ?? ''}`;
    return { kind: 'wrong', problems: [{ file, line: null, name: null, field: '', message }] };
  }
  const parsed = PlatformManifest.safeParse(document.toJS());
  if (parsed.success) return { kind: 'read', manifest: parsed.data };
  return {
    kind: 'wrong',
    problems: parsed.error.issues.map((issue) => ({ file, line: null, name: null, ...wordsOf(issue) })),
  };
}
