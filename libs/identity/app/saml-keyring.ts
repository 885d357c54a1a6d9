import type { TenantId } from '#libs/kernel/ids.js';
import type { Sealer } from '#libs/tenancy/ports/sealer.js';
import type { SamlConnector, SamlKey } from '../ports/saml-connector.js';
import type { StoredSamlKey } from '../ports/saml-key-store.js';
import type { IdentityParts } from './identity-parts.js';

/** For what a private key is sealed. */
const context = 'sso.samlKey';

/** A tenant's keys towards its SAML provider: made when first needed, sealed in its schema. */
export class SamlKeyring {
  constructor(
    private readonly parts: Pick<IdentityParts, 'sessions' | 'clock'>,
    private readonly sealerFor: (tenant: TenantId) => Sealer,
    private readonly connector: Pick<SamlConnector, 'makeKey'>,
  ) {}

  /** The key in use first. */
  async of(tenant: TenantId): Promise<readonly SamlKey[]> {
    const stored = await this.stored(tenant);
    const keys = stored.length > 0 ? stored : await this.add(tenant, 1);
    const sealer = this.sealerFor(tenant);
    return keys.map(({ certificate, sealedPrivateKey }) => ({
      certificate,
      privateKey: sealer.open(sealedPrivateKey, context),
    }));
  }

  stored(tenant: TenantId): Promise<readonly StoredSamlKey[]> {
    return this.parts.sessions.run(tenant, ({ samlKeys }) => samlKeys.all());
  }

  /** Whoever comes first at a position has made the key for everybody: replicas start at the same time. */
  async add(tenant: TenantId, position: number): Promise<readonly StoredSamlKey[]> {
    const { privateKey, certificate } = await this.connector.makeKey();
    const sealedPrivateKey = this.sealerFor(tenant).seal(privateKey, context);
    const createdAt = this.parts.clock.now();
    return this.parts.sessions.run(tenant, async ({ samlKeys }) => {
      await samlKeys.add({ position, certificate, sealedPrivateKey, createdAt });
      return samlKeys.all();
    });
  }
}
