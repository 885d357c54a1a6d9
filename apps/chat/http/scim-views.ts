import { scimPageLimit } from '#libs/contracts/scim-api.js';
import { scimSchemas } from '#libs/contracts/scim-views.js';
import type { ScimPage } from '#libs/identity/app/scim/scim-users.js';
import type { ScimVisitor } from '#libs/identity/app/scim/scim-gate.js';
import type { ScimSlice } from '#libs/identity/ports/directory-store.js';
import type { Caller } from '#libs/platform/nest/caller.js';

/** A page as SCIM writes one. */
export function scimList<Item>({ total, startIndex, items }: ScimPage<Item>) {
  return {
    schemas: [scimSchemas.list],
    totalResults: total,
    startIndex,
    itemsPerPage: items.length,
    Resources: [...items],
  };
}

/** RFC 7644, 3.4.2.4: what is too small counts as the smallest. */
export function scimSlice({ startIndex, count }: { startIndex: number; count: number }): ScimSlice {
  return { startIndex: Math.max(1, startIndex), count: Math.min(scimPageLimit, Math.max(0, count)) };
}

/** The directory holds a token of its own; a session that came along is not looked at. */
export function scimVisitor(caller: Caller, authorization: string | undefined): ScimVisitor {
  return { ...caller, session: null, authorization };
}

/** Whether the members are wanted: a group of thousands is asked for without them. */
export function wantsMembers({
  excludedAttributes = '',
  attributes,
}: {
  excludedAttributes?: string | undefined;
  attributes?: string | undefined;
}): boolean {
  const names = (text: string) => text.toLowerCase().split(/[\s,]+/);
  if (names(excludedAttributes).includes('members')) return false;
  return attributes === undefined || names(attributes).includes('members');
}
