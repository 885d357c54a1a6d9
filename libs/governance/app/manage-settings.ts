import type { SettingsChange } from '#libs/contracts/admin-api.js';
import { endsIdleFirst } from '#libs/contracts/session-limits.js';
import { demand, demandFields } from '#libs/identity/domain/rights.js';
import type { SignedInVisitor } from '#libs/identity/domain/visitor.js';
import { AppError } from '#libs/kernel/errors.js';
import { microUsd } from '#libs/kernel/money.js';
import { cleanLogo } from '#libs/tenancy/domain/clean-logo.js';
import { mergeProfile, type SettingKey, settingKeys } from '#libs/tenancy/domain/settings.js';
import type { ModelProfile, SessionLimitProfile } from '#libs/tenancy/domain/tenant.js';
import { auditEvent } from '../domain/audit-event.js';
import { isManaged, settingsInForce, type SettingsInForce } from '../domain/settings-view.js';
import type { GovernanceParts } from './governance-parts.js';

interface FieldChange {
  readonly key: SettingKey;
  /** As the caller named it. */
  readonly field: string;
  /** Null takes the setting back. */
  readonly value: unknown;
}

/** Settings of the admin pages: what the manifest leaves open. */
export class ManageSettings {
  constructor(private readonly parts: GovernanceParts) {}

  /** @throws {AppError} forbidden */
  async read(visitor: SignedInVisitor): Promise<SettingsInForce> {
    demand(visitor.session.ability, 'read', 'settings');
    const settings = await this.parts.sessions.run(visitor.tenant.id, (stores) => stores.settings.all());
    return settingsInForce(visitor.tenant.manifest, settings);
  }

  /**
   * All of the change or nothing of it.
   * @throws {AppError} forbidden; step_up_required for what keeps sign-in safe; managed_by_manifest and bad_request with the field at fault
   */
  async change(visitor: SignedInVisitor, change: SettingsChange): Promise<SettingsInForce> {
    demand(visitor.session.ability, 'change', 'settings');
    demandFields(visitor.session.ability, 'settings', Object.keys(change));
    if (change.security !== undefined) await this.parts.stepUp.demand(visitor);
    const { manifest, id } = visitor.tenant;
    const changes = changesOf(change);
    const managed = changes.find(({ key }) => isManaged(manifest, key));
    if (managed !== undefined)
      throw new AppError('managed_by_manifest', `The manifest sets ${managed.field}.`, { field: managed.field });
    const settings = await this.parts.sessions.run(id, async (stores) => {
      for (const { key, value } of changes) await stores.settings.set(key, value, visitor.session.email);
      const after = await stores.settings.all();
      const { models, security } = mergeProfile(manifest, after);
      refuseUnlisted(models);
      refuseIdleForEver(security.sessions);
      const entry = { action: 'settings.change', target: changes.map(({ field }) => field).join(', ') };
      await stores.audit.append(auditEvent(visitor, entry, { id: this.parts.ids.next(), at: this.parts.clock.now() }));
      return after;
    });
    this.parts.profiles.invalidate(visitor.tenant);
    if (change.security?.sessions !== undefined) await this.parts.endSessions(id);
    return settingsInForce(manifest, settings);
  }
}

function settingKey(name: string): SettingKey {
  const key = settingKeys.find((known) => known === name);
  if (key === undefined) throw new AppError('bad_request', `There is no setting ${name}.`, { field: name });
  return key;
}

function changesOf({ branding = {}, models = {}, security = {} }: SettingsChange): readonly FieldChange[] {
  const { monthlyUsd, rateLimits, ...others } = models;
  const { sessions = {}, ...secure } = security;
  const plain = [
    ...Object.entries(branding).map(([name, value]) => [`branding.${name}`, value] as const),
    ...Object.entries(secure).map(([name, value]) => [`security.${name}`, value] as const),
    ...Object.entries(others).map(([name, value]) => [`models.${name}`, value] as const),
    ...Object.entries(sessions).map(([name, value]) => [`security.sessions.${name}`, value] as const),
  ];
  const changes: FieldChange[] = plain.flatMap(([name, value]) =>
    value === undefined ? [] : [{ key: settingKey(name), field: name, value }],
  );
  if (rateLimits !== undefined)
    changes.push({ key: 'models.rateLimits', field: 'models.rateLimits', value: limitsOf(rateLimits) });
  if (monthlyUsd !== undefined)
    changes.push({
      key: 'models.monthlyMicroUsd',
      field: 'models.monthlyUsd',
      value: monthlyUsd === null ? null : microUsd(monthlyUsd),
    });
  return changes.map((change) =>
    change.key === 'branding.logo' && typeof change.value === 'string'
      ? { ...change, value: cleanLogo(change.value) }
      : change,
  );
}

function limitsOf(limits: NonNullable<SettingsChange['models']>['rateLimits']): ModelProfile['rateLimits'] {
  if (limits === null || limits === undefined) return null;
  return { rpm: limits.rpm ?? null, tpm: limits.tpm ?? null, concurrent: limits.concurrent ?? null };
}

/** The same rule as the manifest's: what is used by itself must be among what may be used. */
function refuseUnlisted({ allow, defaultModel, fallback }: ModelProfile): void {
  if (allow === null) return;
  const isUnlisted = (model: string) => !allow.includes(model);
  if (defaultModel !== null && isUnlisted(defaultModel))
    throw new AppError('bad_request', 'The default model must be an allowed one.', { field: 'models.default' });
  if (fallback?.some(isUnlisted) === true)
    throw new AppError('bad_request', 'Every fallback must be an allowed model.', { field: 'models.fallback' });
}

/** Both may have been set apart from each other, or one of them in the manifest. */
function refuseIdleForEver(limits: SessionLimitProfile): void {
  const pairs = [
    ['idleMinutes', limits.idleMinutes, limits.absoluteHours],
    ['adminIdleMinutes', limits.adminIdleMinutes, limits.adminAbsoluteHours],
  ] as const;
  for (const [name, idle, absolute] of pairs)
    if (!endsIdleFirst(idle, absolute))
      throw new AppError('bad_request', 'A session must end by idling before it ends anyway.', {
        field: `security.sessions.${name}`,
      });
}
