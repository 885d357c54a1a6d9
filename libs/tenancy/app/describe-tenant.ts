import type { TenantManifest } from '#libs/contracts/tenant-spec.js';
import { AppError, asAppError } from '#libs/kernel/errors.js';
import { microUsd } from '#libs/kernel/money.js';
import { cleanLogo } from '../domain/clean-logo.js';
import type { BrandingProfile, ModelProfile, SecurityProfile, TenantProfile } from '../domain/tenant.js';
import type { TenantDescription } from '../ports/tenant-registry.js';
import { describeSso } from './describe-sso.js';

type Spec = TenantManifest['spec'];

/** A manifest is as much from outside as an upload is: what browsers get is sanitised the same way. */
function logoOf(logo: string): string {
  try {
    return cleanLogo(logo);
  } catch (cause) {
    const { message, action } = asAppError(cause);
    throw new AppError('manifest_invalid', message, { field: 'spec.branding.logo', action, cause });
  }
}

function brandingOf(branding: Spec['branding']): BrandingProfile {
  return {
    logo: branding?.logo === undefined ? null : logoOf(branding.logo),
    primaryColor: branding?.primaryColor ?? null,
    greeting: branding?.greeting ?? null,
    starters: branding?.starters ?? null,
    supportEmail: branding?.supportEmail ?? null,
    locale: branding?.locale ?? null,
  };
}

function modelsOf(models: Spec['models']): ModelProfile {
  const limits = models?.rateLimits;
  return {
    backends: (models?.backends ?? []).map(({ ref }) => ({ name: ref })),
    discover: models?.discover ?? null,
    found: null,
    allow: models?.allow ?? null,
    defaultModel: models?.default ?? null,
    fallback: models?.fallback ?? null,
    systemPrompt: models?.systemPrompt ?? null,
    rateLimits:
      limits === undefined
        ? null
        : { rpm: limits.rpm ?? null, tpm: limits.tpm ?? null, concurrent: limits.concurrent ?? null },
    monthlyMicroUsd: models?.budget === undefined ? null : microUsd(models.budget.monthlyUsd),
    hardStop: models?.budget === undefined ? null : (models.budget.hardStop ?? false),
  };
}

function securityOf(security: Spec['security']): SecurityProfile {
  const { idleMinutes = null, absoluteHours = null, ...admin } = security?.sessions ?? {};
  const { adminIdleMinutes = null, adminAbsoluteHours = null } = admin;
  return {
    secondFactor: security?.secondFactor ?? null,
    sessions: { idleMinutes, absoluteHours, adminIdleMinutes, adminAbsoluteHours },
  };
}

/** Raised when fields of TenantProfile come, go or change. */
const profileShape = 'p4';

function profileOf(spec: Spec): TenantProfile {
  return {
    displayName: spec.displayName,
    ownerEmail: spec.owner.email.toLowerCase(),
    branding: brandingOf(spec.branding),
    sso: describeSso(spec.sso),
    security: securityOf(spec.security),
    models: modelsOf(spec.models),
  };
}

/**
 * The tenant a manifest describes. The primary domain comes first, then the other domains, then
 * `<name>.<suffix>` for each suffix the platform serves by itself.
 * @throws {AppError} manifest_invalid for a logo that is no picture
 */
export function describeTenant(
  manifest: TenantManifest,
  revision: string,
  hostSuffixes: readonly string[],
): TenantDescription {
  const { name } = manifest.metadata;
  const domains = [...(manifest.spec.domains ?? [])].sort(
    (a, b) => Number(b.primary ?? false) - Number(a.primary ?? false),
  );
  const own = hostSuffixes.map((suffix) => `${name}.${suffix}`);
  const named = domains.map(({ host }) => host);
  const hasPrimary = domains[0]?.primary === true;
  return {
    slug: name,
    hosts: [...new Set(hasPrimary ? [...named, ...own] : [...own, ...named])],
    suspended: manifest.spec.suspended ?? false,
    isolation: manifest.spec.isolation ?? 'dedicated',
    // The suffixes belong to the revision: the same manifest under another public address is another description. So
    // does the shape of the profile: an upgrade writes the rows of an earlier one anew.
    revision: [revision, profileShape, ...hostSuffixes].join(' '),
    profile: profileOf(manifest.spec),
  };
}
