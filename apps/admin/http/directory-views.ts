import type { GroupView, ScimTokenView } from '#libs/contracts/directory-api.js';
import { type ScimToken, scimTokenPrefix } from '#libs/identity/domain/scim/scim-token.js';
import type { ListedGroup } from '#libs/identity/ports/directory-store.js';

export function groupView({ id, name, externalId, role, roleName, members, changedAt }: ListedGroup): GroupView {
  return { id, name, externalId, role, roleName, members, changedAt: changedAt.toISOString() };
}

export function scimTokenView(token: ScimToken, schema: string): ScimTokenView {
  return {
    id: token.id,
    name: token.name,
    prefix: scimTokenPrefix(schema, token.id),
    createdBy: token.createdBy,
    createdAt: token.createdAt.toISOString(),
    expiresAt: token.expiresAt.toISOString(),
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
    revokedAt: token.revokedAt?.toISOString() ?? null,
  };
}
