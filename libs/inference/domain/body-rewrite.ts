import type { BodyFields, Span } from './body-scan.js';

/** What has to differ in the body the backend gets. */
export interface BodyChange {
  /** The backend's own id of the model. */
  readonly model: string;
  /** Ask for the usage of a stream even where the client did not. */
  readonly wantsUsage: boolean;
}

interface Splice extends Span {
  readonly text: string;
}

/** Whether the usage of a stream must be asked for by us, because the client did not. */
export function mustAskUsage(fields: BodyFields): boolean {
  return fields.stream && fields.streamOptions?.['include_usage'] !== true;
}

/** The body with the changes cut in; every other byte stays what and where it was. */
export function rewriteBody(body: Buffer, fields: BodyFields, change: BodyChange): Buffer {
  const splices: Splice[] = [];
  if (change.model !== fields.model) splices.push({ ...fields.modelSpan, text: JSON.stringify(change.model) });
  if (change.wantsUsage && mustAskUsage(fields)) splices.push(usageSplice(fields));
  if (splices.length === 0) return body;
  return splice(
    body,
    splices.sort((a, b) => a.start - b.start),
  );
}

function usageSplice(fields: BodyFields): Splice {
  const options = JSON.stringify({ ...fields.streamOptions, include_usage: true });
  if (fields.streamOptionsSpan !== null) return { ...fields.streamOptionsSpan, text: options };
  return { start: fields.membersStart, end: fields.membersStart, text: `"stream_options":${options},` };
}

function splice(body: Buffer, splices: readonly Splice[]): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (const { start, end, text } of splices) {
    parts.push(body.subarray(at, start), Buffer.from(text));
    at = end;
  }
  parts.push(body.subarray(at));
  return Buffer.concat(parts);
}
