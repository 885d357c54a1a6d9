import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** One request to the API server. */
export interface AuditedRequest {
  readonly verb: string;
  /** As `whispertenants/status`. */
  readonly resource: string;
}

interface Line {
  readonly verb: string;
  readonly userAgent?: string;
  readonly stageTimestamp: string;
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string };
}

const writes = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

export function isWrite({ verb }: AuditedRequest): boolean {
  return writes.has(verb);
}

/** The lease says who leads; it is renewed however few tenants there are. */
export function isOfLease({ resource }: AuditedRequest): boolean {
  return resource === 'leases';
}

/** What the operators asked of the API server between two moments. A watch counts when it ends. */
export async function operatorRequests(folder: string, from: Date, to: Date): Promise<AuditedRequest[]> {
  const found: AuditedRequest[] = [];
  const lines = createInterface({ input: createReadStream(join(folder, 'audit.log')) });
  for await (const text of lines) {
    // Most lines are the controllers': they need no parsing.
    if (!text.includes('"userAgent":"whisper-operator"')) continue;
    const { verb, stageTimestamp, objectRef } = JSON.parse(text) as Line;
    const at = new Date(stageTimestamp);
    if (at < from || at > to) continue;
    const { resource = '', subresource } = objectRef ?? {};
    found.push({ verb, resource: subresource === undefined ? resource : `${resource}/${subresource}` });
  }
  return found;
}

/** Requests by verb and resource, the most frequent first. */
export function tally(requests: readonly AuditedRequest[]): string {
  const counts = new Map<string, number>();
  for (const { verb, resource } of requests) {
    const name = `${verb} ${resource}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a);
  return sorted.map(([name, count]) => `${count} ${name}`).join(', ');
}
