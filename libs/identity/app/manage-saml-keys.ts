import { AppError } from '#libs/kernel/errors.js';
import { demand } from '../domain/rights.js';
import type { SignedInVisitor } from '../domain/visitor.js';
import type { StoredSamlKey } from '../ports/saml-key-store.js';
import type { IdentityParts } from './identity-parts.js';
import type { SamlKeyring } from './saml-keyring.js';

/**
 * Replaces a tenant's own SAML key in two steps, with time between them for the provider to read our metadata: the
 * next key is published beside the one in use, then takes its place.
 */
export class ManageSamlKeys {
  constructor(
    private readonly parts: IdentityParts,
    private readonly keyring: SamlKeyring,
  ) {}

  /** The key in use first. @throws {AppError} forbidden */
  list(visitor: SignedInVisitor): Promise<readonly StoredSamlKey[]> {
    demand(visitor.session.ability, 'read', 'sso');
    return this.keyring.stored(visitor.tenant.id);
  }

  /** @throws {AppError} forbidden, step_up_required, conflict where there are two already */
  async publishNext(visitor: SignedInVisitor): Promise<readonly StoredSamlKey[]> {
    demand(visitor.session.ability, 'change', 'sso');
    await this.parts.stepUp.demand(visitor);
    await this.keyring.of(visitor.tenant.id);
    const [inUse, ...others] = await this.keyring.stored(visitor.tenant.id);
    if (inUse === undefined || others.length > 0)
      throw new AppError('conflict', 'The next key is published already.', {
        action: 'Let the provider read the metadata, then put it in use.',
      });
    const keys = await this.keyring.add(visitor.tenant.id, inUse.position + 1);
    await this.parts.sessions.run(visitor.tenant.id, (stores) =>
      this.parts.audit.write(stores, visitor, { action: 'sso.key.publish', target: String(inUse.position + 1) }),
    );
    return keys;
  }

  /** The next key takes the place of the one in use, which is gone. @throws {AppError} forbidden, step_up_required, conflict without one */
  async useNext(visitor: SignedInVisitor): Promise<readonly StoredSamlKey[]> {
    demand(visitor.session.ability, 'change', 'sso');
    await this.parts.stepUp.demand(visitor);
    return this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const [inUse, next] = await stores.samlKeys.all();
      if (inUse === undefined || next === undefined)
        throw new AppError('conflict', 'There is no next key.', { action: 'Publish one first.' });
      await stores.samlKeys.remove(inUse.position);
      await this.parts.audit.write(stores, visitor, { action: 'sso.key.use', target: String(next.position) });
      return stores.samlKeys.all();
    });
  }
}
