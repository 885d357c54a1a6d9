import type { IdentityParts } from '#libs/identity/app/identity-parts.js';
import { ScimDiscovery } from '#libs/identity/app/scim/scim-discovery.js';
import { ScimGate } from '#libs/identity/app/scim/scim-gate.js';
import { ScimGroups } from '#libs/identity/app/scim/scim-groups.js';
import { ScimUsers } from '#libs/identity/app/scim/scim-users.js';
import type { TenantOrigins } from '#libs/identity/ports/tenant-origins.js';

/** What serves the organisation's directory, each with its token. */
export function composeScim(parts: IdentityParts, origins: TenantOrigins): [unknown, unknown][] {
  const gate = new ScimGate(parts);
  return [
    [ScimUsers, new ScimUsers(gate, parts.ids, origins)],
    [ScimGroups, new ScimGroups(gate, parts.ids, origins)],
    [ScimDiscovery, new ScimDiscovery(gate, origins)],
  ];
}
