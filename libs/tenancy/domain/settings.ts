import { ssoFingerprint } from './sso-fingerprint.js';
import { identityProviderOf, type SsoSetting } from './sso-profile.js';
import type { BrandingProfile, EffectiveProfile, ModelProfile, SecurityProfile, TenantProfile } from './tenant.js';

/** Keys of the admin page's settings. */
export const settingKeys = [
  'branding.logo',
  'branding.primaryColor',
  'branding.greeting',
  'branding.starters',
  'branding.supportEmail',
  'branding.locale',
  'models.default',
  'models.allow',
  'models.fallback',
  'models.systemPrompt',
  'models.rateLimits',
  'models.monthlyMicroUsd',
  'models.hardStop',
  'models.discover',
  'models.found',
  'security.secondFactor',
  'security.sessions.idleMinutes',
  'security.sessions.absoluteHours',
  'security.sessions.adminIdleMinutes',
  'security.sessions.adminAbsoluteHours',
  'sso.connection',
  'sso.proof',
] as const;
export type SettingKey = (typeof settingKeys)[number];

/** Settings as stored: values were checked when they were written. */
export type Settings = ReadonlyMap<string, unknown>;

function pick<Value>(manifest: Value | null, settings: Settings, key: SettingKey): Value | null {
  if (manifest !== null) return manifest;
  const stored = settings.get(key);
  return stored === undefined ? null : (stored as Value);
}

function mergeBranding(branding: BrandingProfile, settings: Settings): BrandingProfile {
  return {
    logo: pick(branding.logo, settings, 'branding.logo'),
    primaryColor: pick(branding.primaryColor, settings, 'branding.primaryColor'),
    greeting: pick(branding.greeting, settings, 'branding.greeting'),
    starters: pick(branding.starters, settings, 'branding.starters'),
    supportEmail: pick(branding.supportEmail, settings, 'branding.supportEmail'),
    locale: pick(branding.locale, settings, 'branding.locale'),
  };
}

function mergeModels(models: ModelProfile, settings: Settings): ModelProfile {
  return {
    ...models,
    discover: pick(models.discover, settings, 'models.discover'),
    allow: pick(models.allow, settings, 'models.allow'),
    defaultModel: pick(models.defaultModel, settings, 'models.default'),
    fallback: pick(models.fallback, settings, 'models.fallback'),
    systemPrompt: pick(models.systemPrompt, settings, 'models.systemPrompt'),
    rateLimits: pick(models.rateLimits, settings, 'models.rateLimits'),
    monthlyMicroUsd: pick(models.monthlyMicroUsd, settings, 'models.monthlyMicroUsd'),
    hardStop: pick(models.hardStop, settings, 'models.hardStop'),
    found: pick(models.found, settings, 'models.found'),
  };
}

function mergeSecurity({ secondFactor, sessions }: SecurityProfile, settings: Settings): SecurityProfile {
  return {
    secondFactor: pick(secondFactor, settings, 'security.secondFactor'),
    sessions: {
      idleMinutes: pick(sessions.idleMinutes, settings, 'security.sessions.idleMinutes'),
      absoluteHours: pick(sessions.absoluteHours, settings, 'security.sessions.absoluteHours'),
      adminIdleMinutes: pick(sessions.adminIdleMinutes, settings, 'security.sessions.adminIdleMinutes'),
      adminAbsoluteHours: pick(sessions.adminAbsoluteHours, settings, 'security.sessions.adminAbsoluteHours'),
    },
  };
}

/** Passwords end for all but owners once somebody has come in through the very connection that is to replace them. */
function passwordsFor(sso: SsoSetting | null, settings: Settings): EffectiveProfile['passwordsFor'] {
  const provider = identityProviderOf(sso);
  if (provider?.required !== true) return 'everybody';
  return settings.get('sso.proof') === ssoFingerprint(provider) ? 'owners' : 'everybody';
}

/** The manifest wins; a setting fills what it leaves open. */
export function mergeProfile(manifest: TenantProfile, settings: Settings): EffectiveProfile {
  const sso: SsoSetting | null = pick(manifest.sso, settings, 'sso.connection');
  const security = mergeSecurity(manifest.security, settings);
  return {
    ...manifest,
    sso,
    security,
    secondFactor: security.secondFactor ?? 'optional',
    passwordsFor: passwordsFor(sso, settings),
    branding: mergeBranding(manifest.branding, settings),
    models: mergeModels(manifest.models, settings),
  };
}
