import { JsonCursor } from './json-cursor.js';

/** A value in the body: its bytes are `[start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What the router reads of a request body; everything else stays bytes. */
export interface BodyFields {
  readonly model: string;
  readonly modelSpan: Span;
  /** Where a further member may be put: right behind the opening brace. */
  readonly membersStart: number;
  readonly stream: boolean;
  /** `max_completion_tokens`, else `max_tokens`; null when neither is given. */
  readonly maxTokens: number | null;
  readonly n: number;
  readonly streamOptions: Readonly<Record<string, unknown>> | null;
  readonly streamOptionsSpan: Span | null;
}

export type BodyScan =
  | { readonly kind: 'fields'; readonly fields: BodyFields }
  | { readonly kind: 'invalid-json'; readonly at: number }
  | { readonly kind: 'invalid-field'; readonly field: string; readonly problem: string };

const readKeys = ['model', 'stream', 'max_tokens', 'max_completion_tokens', 'n', 'stream_options'];
const modelId = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}$/;

/** Highest `n` of OpenAI's API reference. */
const maxChoices = 128;
/** The largest count a usage row can hold. */
const maxTokenCount = 2_147_483_647;

/**
 * Reads the few top-level fields a router needs, in one pass over the bytes and without building the rest.
 * The whole body is checked to be JSON; a top-level key that stands twice is refused, because two readers
 * could take different ones for the truth.
 */
export function scanBody(body: Buffer): BodyScan {
  const cursor = new JsonCursor(body);
  const spans = new Map<string, Span>();
  let duplicate: string | null = null;
  cursor.space();
  const membersStart = cursor.at + 1;
  const member = (keyStart: number, keyEnd: number): boolean => {
    const key = keyText(body, keyStart, keyEnd);
    if (spans.has(key)) duplicate = key;
    const start = cursor.at;
    if (!cursor.value()) return false;
    spans.set(key, { start, end: cursor.at });
    return true;
  };
  const isObject = cursor.object(member);
  cursor.space();
  if (!isObject || !cursor.atEnd) return { kind: 'invalid-json', at: cursor.at };
  if (duplicate !== null) return { kind: 'invalid-field', field: duplicate, problem: 'must not stand twice' };
  return readFields(body, spans, membersStart);
}

function keyText(body: Buffer, start: number, end: number): string {
  const raw = body.toString('latin1', start + 1, end - 1);
  if (!raw.includes('\\')) return raw;
  return Buffer.from(String(JSON.parse(body.toString('utf8', start, end)))).toString('latin1');
}

function readFields(body: Buffer, spans: ReadonlyMap<string, Span>, membersStart: number): BodyScan {
  const values = new Map<string, unknown>();
  for (const key of readKeys) {
    const span = spans.get(key);
    if (span !== undefined) values.set(key, JSON.parse(body.toString('utf8', span.start, span.end)));
  }
  const invalid = firstProblem(values);
  const modelSpan = spans.get('model');
  if (invalid !== null) return { kind: 'invalid-field', ...invalid };
  if (modelSpan === undefined) return { kind: 'invalid-field', field: 'model', problem: 'must name a model' };
  const options = values.get('stream_options');
  return {
    kind: 'fields',
    fields: {
      model: String(values.get('model')),
      modelSpan,
      membersStart,
      stream: values.get('stream') === true,
      maxTokens: count(values.get('max_completion_tokens')) ?? count(values.get('max_tokens')),
      n: count(values.get('n')) ?? 1,
      streamOptions: isRecord(options) ? options : null,
      streamOptionsSpan: spans.get('stream_options') ?? null,
    },
  };
}

interface FieldRule {
  readonly fits: (value: unknown) => boolean;
  readonly problem: string;
}

const isCount = (least: number, most: number) => (value: unknown) =>
  value === null || (Number.isInteger(value) && Number(value) >= least && Number(value) <= most);
const tokens: FieldRule = { fits: isCount(0, maxTokenCount), problem: 'must be a whole number or null' };
const rules: Readonly<Record<string, FieldRule>> = {
  model: { fits: (value) => typeof value === 'string' && modelId.test(value), problem: 'must be a model id' },
  stream: { fits: (value) => value === null || typeof value === 'boolean', problem: 'must be true, false or null' },
  max_tokens: tokens,
  max_completion_tokens: tokens,
  n: { fits: isCount(1, maxChoices), problem: `must be a whole number from 1 to ${maxChoices}, or null` },
  stream_options: { fits: (value) => value === null || isRecord(value), problem: 'must be an object or null' },
};

function firstProblem(values: ReadonlyMap<string, unknown>): { field: string; problem: string } | null {
  for (const [field, value] of values) {
    const rule = rules[field];
    if (rule !== undefined && !rule.fits(value)) return { field, problem: rule.problem };
  }
  return null;
}

function count(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
