import type { TenantId } from '#libs/kernel/ids.js';
import type { SsoSetting } from './sso-profile.js';

/** `provisioning` and `suspended` tenants are served nothing; `erasing` ones are gone for everybody. */
export type TenantState = 'provisioning' | 'active' | 'suspended' | 'erasing';

/** Where a tenant lives and whether it is served. Names of schema and role are opaque: `t_<16 letters and digits>`. */
export interface Tenant {
  readonly id: TenantId;
  /** `metadata.name` of its manifest. */
  readonly slug: string;
  readonly schema: string;
  readonly role: string;
  readonly shard: string;
  readonly state: TenantState;
  /** Raised whenever the tenant moves or its rights change; a process with an older one is refused. */
  readonly epoch: number;
  /** Hash of the manifest it was made from. */
  readonly revision: string;
  /** Host names of the chat, the primary one first. The admin pages live at `admin.<host>`. */
  readonly hosts: readonly string[];
  readonly manifest: TenantProfile;
}

/** A value that is left out of a manifest is null: the admin page may set it. */
export interface TenantProfile {
  readonly displayName: string;
  readonly ownerEmail: string;
  readonly branding: BrandingProfile;
  readonly sso: SsoSetting | null;
  readonly security: SecurityProfile;
  readonly models: ModelProfile;
}

/** Whether people who sign in without the identity provider must show a second factor. */
export type SecondFactorRule = 'optional' | 'required';

/** What is in force: the manifest, and what was set on the admin page. */
export interface EffectiveProfile extends TenantProfile {
  /** Who may sign in with a password: once an identity provider is required and proven, owners only. */
  readonly passwordsFor: 'everybody' | 'owners';
  readonly secondFactor: SecondFactorRule;
}

export interface SecurityProfile {
  readonly secondFactor: SecondFactorRule | null;
  readonly sessions: SessionLimitProfile;
}

/** When people have to sign in again; null: as it is where nobody says anything. */
export interface SessionLimitProfile {
  readonly idleMinutes: number | null;
  readonly absoluteHours: number | null;
  readonly adminIdleMinutes: number | null;
  readonly adminAbsoluteHours: number | null;
}

/** A manifest that says nothing about it. */
export const openSecurity: SecurityProfile = {
  secondFactor: null,
  sessions: { idleMinutes: null, absoluteHours: null, adminIdleMinutes: null, adminAbsoluteHours: null },
};

export interface BrandingProfile {
  /** Data URI of a sanitised SVG or a PNG. */
  readonly logo: string | null;
  readonly primaryColor: string | null;
  readonly greeting: string | null;
  readonly starters: readonly string[] | null;
  readonly supportEmail: string | null;
  readonly locale: 'en' | 'de' | null;
}

/** Per minute, and at the same time; null: no limit. */
export interface RateLimits {
  readonly rpm: number | null;
  readonly tpm: number | null;
  readonly concurrent: number | null;
}

export interface ModelProfile {
  readonly backends: readonly { readonly name: string }[];
  readonly discover: boolean | null;
  /** Found model servers (by name) the owner has said yes to; never in a manifest. */
  readonly found: readonly string[] | null;
  /** Null allows every model of the backends. */
  readonly allow: readonly string[] | null;
  readonly defaultModel: string | null;
  readonly fallback: readonly string[] | null;
  readonly systemPrompt: string | null;
  readonly rateLimits: RateLimits | null;
  /** Millionths of a US dollar per UTC month; null: no budget. */
  readonly monthlyMicroUsd: number | null;
  readonly hardStop: boolean | null;
}

/** Whether people and keys of the tenant are let in. */
export function isServed(tenant: Tenant): boolean {
  return tenant.state === 'active';
}
