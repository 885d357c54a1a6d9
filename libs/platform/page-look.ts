import { createHash } from 'node:crypto';
import { accentCss } from '#libs/contracts/accent.js';
import type { BootBlock } from '#libs/contracts/boot.js';
import { identityProviderOf, type SsoProfile } from '#libs/tenancy/domain/sso-profile.js';
import type { Tenant, TenantProfile } from '#libs/tenancy/domain/tenant.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import type { Addresses } from './addresses.js';
import type { PageLook } from './web-pages.js';

/** Accent of a tenant that has chosen none: a calm blue-grey. */
const plainColor = '#3b5b7a';

const locales = ['en', 'de'] as const;
type Locale = (typeof locales)[number];

/** The first language of the browser that we have, else the tenant's, else English. */
export function chooseLocale(acceptLanguage: string | undefined, tenantLocale: Locale | null): Locale {
  const wanted = (acceptLanguage ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', quality = ''] = part.trim().split(';q=');
      return { language: tag.split('-')[0]?.toLowerCase() ?? '', quality: quality === '' ? 1 : Number(quality) };
    })
    .sort((one, other) => other.quality - one.quality);
  for (const { language } of wanted) {
    const found = locales.find((locale) => locale === language);
    if (found !== undefined) return found;
  }
  return tenantLocale ?? 'en';
}

function logoOf(dataUri: string | null): PageLook['logo'] {
  const match = /^data:(image\/(?:svg\+xml|png));base64,(.+)$/.exec(dataUri ?? '');
  if (match === null) return null;
  const bytes = Buffer.from(match[2] ?? '', 'base64');
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const type = match[1] ?? '';
  return { type, bytes, path: `/brand/logo-${hash}.${type === 'image/png' ? 'png' : 'svg'}` };
}

function brandingOf(profile: TenantProfile, logo: PageLook['logo'], locale: Locale): BootBlock['branding'] {
  const { branding } = profile;
  return {
    displayName: profile.displayName,
    logoUrl: logo?.path ?? null,
    primaryColor: branding.primaryColor ?? plainColor,
    greeting: branding.greeting,
    starters: [...(branding.starters ?? [])],
    supportEmail: branding.supportEmail,
    locale,
  };
}

/** The host of the identity provider, as people know it. */
function providerLabel(profile: TenantProfile): BootBlock['signIn']['sso'] {
  const provider = identityProviderOf(profile.sso);
  return provider === null ? null : { label: addressOf(provider) };
}

function addressOf(provider: SsoProfile): string {
  if (provider.type === 'oidc') return new URL(provider.issuer).host;
  const { source } = provider;
  if (source.kind === 'url') return new URL(source.url).host;
  const named = source.kind === 'fields' ? source.signOnUrl : /Location="(https?:[^"]+)"/.exec(source.xml)?.[1];
  return named !== undefined && URL.canParse(named) ? new URL(named).host : 'SAML';
}

/** Makes the look of a tenant's pages from its effective profile. */
export function lookOf(parts: {
  profiles: TenantProfiles;
  addresses: Addresses;
  version: string;
  face: 'chat' | 'admin';
}) {
  return async (tenant: Tenant, tenantHost: string, acceptLanguage: string | undefined): Promise<PageLook> => {
    const profile = await parts.profiles.effective(tenant);
    const logo = logoOf(profile.branding.logo);
    const origins = parts.addresses.at(tenantHost);
    const boot: BootBlock = {
      face: parts.face,
      branding: brandingOf(profile, logo, chooseLocale(acceptLanguage, profile.branding.locale)),
      signIn: { passwordsFor: profile.passwordsFor, sso: providerLabel(profile) },
      version: parts.version,
      chatUrl: origins.chat,
      adminUrl: origins.admin,
    };
    return { boot, css: accentCss(boot.branding.primaryColor), logo };
  };
}
