import type { Settings, SettingKey } from '#libs/tenancy/domain/settings.js';
import { mergeProfile } from '#libs/tenancy/domain/settings.js';
import type { SessionLimitProfile, TenantProfile } from '#libs/tenancy/domain/tenant.js';
import { usualSessionLimits } from '#libs/identity/domain/session-limits.js';

/** A value with where it comes from. */
export interface Sourced<Value> {
  readonly value: Value | null;
  readonly source: 'manifest' | 'setting' | 'default';
}

const profileField: Readonly<Record<SettingKey, (profile: TenantProfile) => unknown>> = {
  'branding.logo': ({ branding }) => branding.logo,
  'branding.primaryColor': ({ branding }) => branding.primaryColor,
  'branding.greeting': ({ branding }) => branding.greeting,
  'branding.starters': ({ branding }) => branding.starters,
  'branding.supportEmail': ({ branding }) => branding.supportEmail,
  'branding.locale': ({ branding }) => branding.locale,
  'models.default': ({ models }) => models.defaultModel,
  'models.allow': ({ models }) => models.allow,
  'models.fallback': ({ models }) => models.fallback,
  'models.systemPrompt': ({ models }) => models.systemPrompt,
  'models.rateLimits': ({ models }) => models.rateLimits,
  'models.monthlyMicroUsd': ({ models }) => models.monthlyMicroUsd,
  'models.hardStop': ({ models }) => models.hardStop,
  'models.discover': ({ models }) => models.discover,
  'models.found': ({ models }) => models.found,
  'security.secondFactor': ({ security }) => security.secondFactor,
  'security.sessions.idleMinutes': ({ security }) => security.sessions.idleMinutes,
  'security.sessions.absoluteHours': ({ security }) => security.sessions.absoluteHours,
  'security.sessions.adminIdleMinutes': ({ security }) => security.sessions.adminIdleMinutes,
  'security.sessions.adminAbsoluteHours': ({ security }) => security.sessions.adminAbsoluteHours,
  'sso.connection': ({ sso }) => sso,
  'sso.proof': () => null,
};

/** Whether the manifest says something about the setting, which then cannot be changed here. */
export function isManaged(manifest: TenantProfile, key: SettingKey): boolean {
  return profileField[key](manifest) !== null;
}

/** The settings in force, each with its source. */
export function settingsInForce(manifest: TenantProfile, settings: Settings) {
  const { branding, models, security } = mergeProfile(manifest, settings);
  const sourced = <Value>(key: SettingKey, value: Value | null): Sourced<Value> => {
    if (isManaged(manifest, key)) return { value, source: 'manifest' };
    return { value, source: settings.has(key) ? 'setting' : 'default' };
  };
  // The value in force also where nobody has set one.
  const limit = (name: keyof SessionLimitProfile): Sourced<number> =>
    sourced(`security.sessions.${name}`, security.sessions[name] ?? usualSessionLimits[name]);
  return {
    displayName: { value: manifest.displayName, source: 'manifest' } as const,
    branding: {
      logo: sourced('branding.logo', branding.logo),
      primaryColor: sourced('branding.primaryColor', branding.primaryColor),
      greeting: sourced('branding.greeting', branding.greeting),
      starters: sourced('branding.starters', branding.starters),
      supportEmail: sourced('branding.supportEmail', branding.supportEmail),
      locale: sourced('branding.locale', branding.locale),
    },
    models: {
      default: sourced('models.default', models.defaultModel),
      allow: sourced('models.allow', models.allow),
      fallback: sourced('models.fallback', models.fallback),
      systemPrompt: sourced('models.systemPrompt', models.systemPrompt),
      rateLimits: sourced('models.rateLimits', models.rateLimits),
      monthlyMicroUsd: sourced('models.monthlyMicroUsd', models.monthlyMicroUsd),
      hardStop: sourced('models.hardStop', models.hardStop),
      discover: sourced('models.discover', models.discover),
    },
    security: {
      secondFactor: sourced('security.secondFactor', security.secondFactor),
      sessions: {
        idleMinutes: limit('idleMinutes'),
        absoluteHours: limit('absoluteHours'),
        adminIdleMinutes: limit('adminIdleMinutes'),
        adminAbsoluteHours: limit('adminAbsoluteHours'),
      },
    },
  };
}

export type SettingsInForce = ReturnType<typeof settingsInForce>;
