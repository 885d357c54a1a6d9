import type { z } from 'zod';
import type {
  AuditView,
  changeKey,
  InvitationView,
  KeyView,
  keyScopes,
  LinkView,
  NewKey,
  PersonView,
  SettingsView,
} from '#libs/contracts/admin-api.js';
import type { AuditEvent } from '#libs/governance/domain/audit-event.js';
import type { SettingsInForce, Sourced } from '#libs/governance/domain/settings-view.js';
import type { IssuedLink } from '#libs/identity/app/link-maker.js';
import { type ApiKey, keyPrefix } from '#libs/identity/domain/api-key.js';
import type { KeyChange } from '#libs/identity/domain/key-change.js';
import { linkState } from '#libs/identity/domain/one-time-link.js';
import type { ShownPerson } from '#libs/identity/app/manage-people.js';
import type { Invitation } from '#libs/identity/ports/link-store.js';
import type { RateLimits } from '#libs/tenancy/domain/tenant.js';
import { usdText } from '#libs/kernel/money.js';

/** Use cases' values as the admin API shows them. */
export function personView(person: ShownPerson): PersonView {
  const { id, email, name, role, roleName, state } = person;
  return {
    id,
    email,
    name,
    role,
    roleName,
    state,
    signIn: [...person.signIn],
    groups: person.groups === null ? null : [...person.groups],
    createdAt: person.createdAt.toISOString(),
    lastSeenAt: textOf(person.lastSeenAt),
    secondFactor: person.hasSecondFactor,
  };
}

export function linkView({ url, expiresAt }: IssuedLink): z.input<typeof LinkView> {
  return { url, expiresAt: expiresAt.toISOString() };
}

export function invitationView(link: Invitation, now: Date): InvitationView {
  return {
    id: link.id,
    email: link.email,
    role: link.role ?? 'member',
    roleName: link.roleName,
    createdAt: link.createdAt.toISOString(),
    expiresAt: link.expiresAt.toISOString(),
    state: linkState(link, now),
  };
}

type Scope = (typeof keyScopes)[number];

export function keyView(key: ApiKey, schema: string): KeyView {
  return {
    id: key.id,
    name: key.name,
    prefix: keyPrefix(schema, key.id),
    scopes: key.scopes.filter(
      (scope): scope is Scope => scope === 'chat' || scope === 'embeddings' || scope === 'models',
    ),
    limits: key.limits === null ? null : withoutNulls(key.limits),
    createdBy: key.createdBy,
    createdAt: key.createdAt.toISOString(),
    expiresAt: textOf(key.expiresAt),
    lastUsedAt: textOf(key.lastUsedAt),
    revokedAt: textOf(key.revokedAt),
  };
}

/** No limit at all is the same as none of the three. */
export function keyLimits(limits: z.output<typeof NewKey>['limits']): RateLimits | null {
  if (limits === null || Object.keys(limits).length === 0) return null;
  return { rpm: limits.rpm ?? null, tpm: limits.tpm ?? null, concurrent: limits.concurrent ?? null };
}

export function keyChange({ expiresAt, ...change }: z.output<typeof changeKey.body>): KeyChange {
  return { ...change, expiresAt: typeof expiresAt === 'string' ? new Date(expiresAt) : expiresAt };
}

export function auditView({ at, ...event }: AuditEvent): AuditView {
  return { ...event, at: at.toISOString() };
}

function mapped<From, To>(sourced: Sourced<From>, map: (value: From) => To) {
  return { source: sourced.source, value: sourced.value === null ? null : map(sourced.value) };
}

/** Null has no place in a wire object whose fields may be left out. */
function withoutNulls(limits: RateLimits) {
  return {
    ...(limits.rpm === null ? {} : { rpm: limits.rpm }),
    ...(limits.tpm === null ? {} : { tpm: limits.tpm }),
    ...(limits.concurrent === null ? {} : { concurrent: limits.concurrent }),
  };
}

export function settingsView({ displayName, branding, models, security }: SettingsInForce): SettingsView {
  const { monthlyMicroUsd, rateLimits, allow, fallback, ...others } = models;
  return {
    displayName,
    branding: { ...branding, starters: mapped(branding.starters, (starters) => [...starters]) },
    models: {
      ...others,
      allow: mapped(allow, (list) => [...list]),
      fallback: mapped(fallback, (list) => [...list]),
      rateLimits: mapped(rateLimits, withoutNulls),
      monthlyUsd: mapped(monthlyMicroUsd, usdText),
    },
    security,
  };
}

function textOf(at: Date | null): string | null {
  return at === null ? null : at.toISOString();
}
