import { mergeProfile } from '#libs/tenancy/domain/settings.js';
import { identityProviderOf, type SsoProfile } from '#libs/tenancy/domain/sso-profile.js';
import type { Clock } from '#libs/kernel/clock.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';
import type { Person } from '../domain/person.js';
import { type ConfirmWay, isFresh, stepUpRequired } from '../domain/step-up.js';
import type { SignedInVisitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import { heldFactors } from './held-factors.js';
import { mayEnterHere } from './local-sign-in.js';
import { StepUp } from '../ports/step-up.js';

/** Looks at the time of the last proof; the database is asked only where it is too long ago. */
export class AskForProof extends StepUp {
  constructor(
    private readonly sessions: TenantSessions<IdentityStores>,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async demand(visitor: SignedInVisitor): Promise<void> {
    if (isFresh(visitor.session, this.clock.now())) return;
    const ways = await this.sessions.run(visitor.tenant.id, async (stores) => {
      const person = await stores.people.byId(visitor.session.personId);
      return person === null ? [] : confirmWays(stores, visitor.tenant, person);
    });
    throw stepUpRequired(ways);
  }
}

/**
 * How this person can prove who they are, as the organisation wants it right now. Where there is a second factor, a
 * password alone is not enough.
 */
export async function confirmWays(
  stores: IdentityStores,
  { manifest }: Tenant,
  person: Person,
): Promise<readonly ConfirmWay[]> {
  const { sso, passwordsFor } = mergeProfile(manifest, await stores.settings.all());
  const provider = identityProviderOf(sso);
  const ways: ConfirmWay[] = [...(await heldFactors(stores, person.id))];
  if (ways.length === 0 && person.passwordHash !== null && mayEnterHere(person.role, passwordsFor))
    ways.push('password');
  if (provider !== null && (await stores.people.connections(person.id)).some((one) => isOf(provider, one)))
    ways.push('provider');
  return ways;
}

/** A SAML provider may be known by the address of its description alone, which is not fetched for this. */
function isOf(provider: SsoProfile, connection: string): boolean {
  return provider.type === 'oidc' ? connection === `oidc:${provider.issuer}` : connection.startsWith('saml:');
}
