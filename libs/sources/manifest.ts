import { createHash } from 'node:crypto';
import { isAlias, LineCounter, parseAllDocuments, visit } from 'yaml';
import type { z } from 'zod';
import { BackendManifest } from '#libs/contracts/backend-spec.js';
import { manifestApiVersion } from '#libs/contracts/manifest-parts.js';
import { TenantManifest } from '#libs/contracts/tenant-spec.js';

/** Something wrong with a manifest, in words its author understands. */
export interface ManifestProblem {
  readonly file: string;
  readonly line: number | null;
  /** Name of the object, where it could be read. */
  readonly name: string | null;
  readonly field: string;
  readonly message: string;
}

export type ReadManifest =
  | { readonly kind: 'tenant'; readonly file: string; readonly revision: string; readonly manifest: TenantManifest }
  | { readonly kind: 'backend'; readonly file: string; readonly revision: string; readonly manifest: BackendManifest };

interface ManifestFile {
  readonly manifests: readonly ReadManifest[];
  readonly problems: readonly ManifestProblem[];
}

/** A manifest folder is small; a larger file is a mistake, and a bomb of aliases is one too. */
const mostBytes = 1024 * 1024;

const kinds = { WhisperTenant: TenantManifest, ModelBackend: BackendManifest } as const;

/** The field an issue is about, and what is wrong with it. */
export function wordsOf(issue: z.core.$ZodIssue): { field: string; message: string } {
  const field = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const name = issue.keys[0] ?? '';
    return {
      field: field === '' ? name : `${field}.${name}`,
      message: 'is not a field of this kind; remove it or correct its name',
    };
  }
  if (issue.code === 'invalid_type' && issue.input === undefined)
    return { field, message: `is missing; it must be ${issue.expected}` };
  return { field, message: issue.message };
}

/** Reads every manifest of a file's text. A bad one is named and does not stop the others. */
export function readManifests(file: string, text: string): ManifestFile {
  const manifests: ReadManifest[] = [];
  const problems: ManifestProblem[] = [];
  if (Buffer.byteLength(text) > mostBytes)
    return { manifests, problems: [{ file, line: null, name: null, field: '', message: 'is larger than 1 MB' }] };
  const lines = new LineCounter();
  for (const document of parseAllDocuments(text, { lineCounter: lines, prettyErrors: true })) {
    if ('empty' in document) continue;
    const lineOf = (path: readonly PropertyKey[]) => {
      for (let length = path.length; length >= 0; length -= 1) {
        const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
        if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range))
          return lines.linePos(Number(node.range[0])).line;
      }
      return null;
    };
    const [syntax] = document.errors;
    if (syntax !== undefined) {
      problems.push({
        file,
        line: syntax.linePos?.[0].line ?? null,
        name: null,
        field: '',
        message: `is not valid YAML: ${syntax.message.split('\n')[0] ?? ''}`,
      });
      continue;
    }
    let aliases = 0;
    visit(document, (_key, node) => void (isAlias(node) && (aliases += 1)));
    if (aliases > 0) {
      problems.push({
        file,
        line: lineOf([]),
        name: null,
        field: '',
        message: 'uses a YAML alias; write the value out',
      });
      continue;
    }
    const value: unknown = document.toJS();
    if (value === null) continue;
    readOne(file, value, { manifests, problems, lineOf });
  }
  return { manifests, problems };
}

interface Sink {
  readonly manifests: ReadManifest[];
  readonly problems: ManifestProblem[];
  readonly lineOf: (path: readonly PropertyKey[]) => number | null;
}

function readOne(file: string, value: unknown, sink: Sink): void {
  const { kind, metadata, apiVersion } = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  const name =
    typeof metadata === 'object' && metadata !== null && 'name' in metadata && typeof metadata.name === 'string'
      ? metadata.name
      : null;
  if (apiVersion !== manifestApiVersion)
    return void sink.problems.push({
      file,
      line: sink.lineOf(['apiVersion']),
      name,
      field: 'apiVersion',
      message: `must be ${manifestApiVersion}`,
    });
  if (kind !== 'WhisperTenant' && kind !== 'ModelBackend')
    return void sink.problems.push({
      file,
      line: sink.lineOf(['kind']),
      name,
      field: 'kind',
      message: 'must be WhisperTenant or ModelBackend',
    });
  const parsed = kinds[kind].safeParse(value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      sink.problems.push({ file, line: sink.lineOf(issue.path), name, ...wordsOf(issue) });
    return;
  }
  const revision = createHash('sha256').update(JSON.stringify(parsed.data)).digest('hex').slice(0, 16);
  sink.manifests.push(
    parsed.data.kind === 'WhisperTenant'
      ? { kind: 'tenant', file, revision, manifest: parsed.data }
      : { kind: 'backend', file, revision, manifest: parsed.data },
  );
}

/** One line: file, line, object, field, and what to do. */
export function problemText(problem: ManifestProblem): string {
  const place = problem.line === null ? problem.file : `${problem.file}:${problem.line}`;
  const subject = [problem.name, problem.field].filter((part) => part !== null && part !== '').join(': ');
  return `${place}: ${subject === '' ? 'the file' : subject} ${problem.message}`;
}
