import type { NewPasskeyOptions } from '#libs/contracts/passkey-api.js';
import { AppError } from '#libs/kernel/errors.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import type { Passkey } from '../domain/passkey.js';
import type { SignedInVisitor } from '../domain/visitor.js';
import type { IdentityParts } from './identity-parts.js';
import type { OwnFactorRules } from './own-factor-rules.js';
import { type GivenPasskey, passkeyFailed, type PasskeyMaking } from './passkey-making.js';

/** A passkey that was just kept. */
export interface AddedPasskey {
  readonly passkey: Passkey;
  /** For when it is lost, shown once; null where there are some already. */
  readonly recoveryCodes: readonly string[] | null;
}

/** The passkeys of one's own account. */
export class OwnPasskeys {
  constructor(
    private readonly parts: IdentityParts,
    private readonly profiles: TenantProfiles,
    private readonly making: PasskeyMaking,
    private readonly rules: OwnFactorRules,
  ) {}

  /** Oldest first. */
  list(visitor: SignedInVisitor): Promise<readonly Passkey[]> {
    return this.parts.sessions.run(visitor.tenant.id, ({ passkeys }) => passkeys.ofPerson(visitor.session.personId));
  }

  /**
   * What to ask the browser for.
   * @throws {AppError} step_up_required; conflict when the person has as many as anybody may have
   */
  async begin(visitor: SignedInVisitor): Promise<NewPasskeyOptions> {
    await this.parts.stepUp.demand(visitor);
    return this.parts.sessions.run(visitor.tenant.id, async (stores) =>
      this.making.begin(stores, visitor, await this.rules.owner(stores, visitor)),
    );
  }

  /** @throws {AppError} step_up_required, passkey_failed, conflict */
  async add(visitor: SignedInVisitor, given: GivenPasskey): Promise<AddedPasskey> {
    await this.parts.stepUp.demand(visitor);
    const added = await this.parts.sessions.run(visitor.tenant.id, async (stores): Promise<AddedPasskey | string> => {
      const person = await this.rules.owner(stores, visitor);
      const isFirst = await this.rules.hasNone(stores, person.id);
      const passkey = await this.making.keep(stores, visitor, person, given);
      if (typeof passkey === 'string') return passkey;
      await this.parts.audit.write(stores, visitor, { action: 'passkey.add', target: person.id, reason: passkey.name });
      return { passkey, recoveryCodes: isFirst ? await this.rules.firstCodes(stores, person.id) : null };
    });
    return typeof added === 'string' ? this.fail(visitor, added) : added;
  }

  /** @throws {AppError} not_found */
  async rename(visitor: SignedInVisitor, id: string, name: string): Promise<void> {
    await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      if (!(await stores.passkeys.rename(visitor.session.personId, id, name))) throw noPasskey();
    });
  }

  /** @throws {AppError} step_up_required, not_found; second_factor_required where it is the last and one must be there */
  async remove(visitor: SignedInVisitor, id: string): Promise<void> {
    await this.parts.stepUp.demand(visitor);
    const { secondFactor: rule } = await this.profiles.effective(visitor.tenant);
    await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const person = await this.rules.owner(stores, visitor);
      if (!(await stores.passkeys.remove(person.id, id))) throw noPasskey();
      await this.rules.afterRemoval(stores, person.id, rule);
      await this.parts.audit.write(stores, visitor, { action: 'passkey.remove', target: person.id });
    });
  }

  private async fail(visitor: SignedInVisitor, reason: string): Promise<never> {
    const target = visitor.session.personId;
    await this.parts.audit.refuse(visitor.tenant.id, visitor, { action: 'passkey.add', target, reason });
    throw passkeyFailed();
  }
}

function noPasskey(): AppError {
  return new AppError('not_found', 'You have no such passkey.');
}
