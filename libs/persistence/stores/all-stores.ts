import type { ChatStores } from '#libs/chat/ports/chat-stores.js';
import type { GovernanceStores } from '#libs/governance/ports/governance-stores.js';
import type { IdentityStores } from '#libs/identity/ports/identity-stores.js';
import type { UsageStores } from '#libs/inference/ports/usage-store.js';
import type { TenancyStores } from '#libs/tenancy/ports/setting-store.js';

/** Every store of a tenant, bound to one tenant and one transaction. */
export type AllStores = TenancyStores & ChatStores & UsageStores & IdentityStores & GovernanceStores;
