import { AppError } from '#libs/kernel/errors.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import type { SecondFactorRule } from '#libs/tenancy/domain/tenant.js';
import type { SignedInVisitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { RecoveryCodesLeft } from '../ports/recovery-code-store.js';
import type { AppSetup, SetupProof } from './authenticator-apps.js';
import type { IdentityParts } from './identity-parts.js';
import type { OwnFactorRules } from './own-factor-rules.js';
import { secondFactorFailed, type SecondStepParts } from './second-step.js';

/** What somebody has set up to be who they are. */
export interface OwnSecurity {
  readonly hasPassword: boolean;
  /** What the organisation says of people who sign in without its identity provider. */
  readonly rule: SecondFactorRule;
  readonly totp: { readonly createdAt: Date } | null;
  readonly recoveryCodes: RecoveryCodesLeft | null;
}

/** What a person does with their own second factors. */
export class OwnFactors {
  constructor(
    private readonly parts: IdentityParts,
    private readonly profiles: TenantProfiles,
    private readonly use: Pick<SecondStepParts, 'apps' | 'recovery'>,
    private readonly rules: OwnFactorRules,
  ) {}

  async read(visitor: SignedInVisitor): Promise<OwnSecurity> {
    const { personId } = visitor.session;
    const { secondFactor: rule } = await this.profiles.effective(visitor.tenant);
    return this.parts.sessions.run(visitor.tenant.id, async (stores) => ({
      hasPassword: ((await stores.people.byId(personId))?.passwordHash ?? null) !== null,
      rule,
      totp: await stores.totpFactors.of(personId),
      recoveryCodes: await stores.recoveryCodes.of(personId),
    }));
  }

  /**
   * Nothing changes until the first code of the app has come.
   * @throws {AppError} step_up_required
   */
  async beginApp(visitor: SignedInVisitor): Promise<AppSetup> {
    await this.parts.stepUp.demand(visitor);
    const { personId: id, email } = visitor.session;
    return this.use.apps.begin(visitor.tenant, { id, email });
  }

  /**
   * Keeps the app, in place of the one before.
   * @returns recovery codes, to be shown once; null where there are some
   * @throws {AppError} step_up_required, second_factor_failed for a wrong code, conflict for a set-up that has run out
   */
  async confirmApp(visitor: SignedInVisitor, proof: SetupProof): Promise<readonly string[] | null> {
    await this.parts.stepUp.demand(visitor);
    const { personId } = visitor.session;
    return this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      await this.rules.owner(stores, visitor);
      const isFirst = await this.rules.hasNone(stores, personId);
      const hadApp = (await stores.totpFactors.of(personId)) !== null;
      if (!(await this.use.apps.confirm(stores, visitor.tenant.id, personId, proof))) throw secondFactorFailed();
      await this.tell(stores, visitor, hadApp ? 'totp.replace' : 'totp.add');
      return isFirst ? this.rules.firstCodes(stores, personId) : null;
    });
  }

  /** @throws {AppError} step_up_required, not_found without an app, second_factor_required where it is the last and must be there */
  async removeApp(visitor: SignedInVisitor): Promise<void> {
    await this.parts.stepUp.demand(visitor);
    const { personId } = visitor.session;
    const { secondFactor: rule } = await this.profiles.effective(visitor.tenant);
    await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      await this.rules.owner(stores, visitor);
      if (!(await stores.totpFactors.remove(personId)))
        throw new AppError('not_found', 'You have no authenticator app.');
      await this.rules.afterRemoval(stores, personId, rule);
      await this.tell(stores, visitor, 'totp.remove');
    });
  }

  /**
   * New codes, to be shown once; those before end.
   * @throws {AppError} step_up_required, conflict for somebody without a factor that they could stand in for
   */
  async renewRecoveryCodes(visitor: SignedInVisitor): Promise<readonly string[]> {
    await this.parts.stepUp.demand(visitor);
    const { personId } = visitor.session;
    return this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      await this.rules.owner(stores, visitor);
      if (await this.rules.hasNone(stores, personId))
        throw new AppError('conflict', 'Recovery codes stand in for a second factor, and you have none.', {
          action: 'Add a passkey or set up an authenticator app first.',
        });
      await this.tell(stores, visitor, 'recovery-codes.renew');
      return this.use.recovery.renew(stores, personId);
    });
  }

  private tell(stores: IdentityStores, visitor: SignedInVisitor, action: string): Promise<void> {
    return this.parts.audit.write(stores, visitor, { action, target: visitor.session.personId });
  }
}
