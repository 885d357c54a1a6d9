import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PolicyRule } from '#operator/resources/rbac.js';

interface Line {
  readonly verb: string;
  readonly user?: { readonly username?: string };
  readonly requestURI: string;
  readonly responseStatus?: { readonly code?: number };
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly apiGroup?: string;
    readonly name?: string;
  };
}

/** What an account did, as the API server's audit log has it: `patch apps/deployments`. */
export interface UsedRights {
  readonly used: ReadonlySet<string>;
  /** Requests that it was not allowed, with their addresses. */
  readonly refused: readonly string[];
}

const right = (verb: string, group: string, resource: string) =>
  `${verb} ${group === '' ? '' : `${group}/`}${resource}`;

/** Reads the audit log of a control plane for one account. */
export async function usedRights(folder: string, user: string): Promise<UsedRights> {
  const used = new Set<string>();
  const refused: string[] = [];
  for await (const text of createInterface({ input: createReadStream(join(folder, 'audit.log')) })) {
    // Most lines are the controllers': they need no parsing.
    if (!text.includes(user)) continue;
    const { verb, user: who, requestURI, responseStatus, objectRef } = JSON.parse(text) as Line;
    if (who?.username !== user) continue;
    if (responseStatus?.code === 403) refused.push(`${verb} ${requestURI}`);
    if (objectRef?.resource === undefined) continue;
    const { resource, subresource, apiGroup = '' } = objectRef;
    const place = subresource === undefined ? resource : `${resource}/${subresource}`;
    used.add(right(verb, apiGroup, place));
    // An apply of what is not there yet is a patch that also asks whether it may create.
    if (verb === 'patch' && responseStatus?.code === 201) used.add(right('create', apiGroup, place));
  }
  return { used, refused };
}

/** Every single right that the rules give. */
export function rightsOf(rules: readonly PolicyRule[]): readonly string[] {
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => right(verb, group, resource)))),
  );
}
