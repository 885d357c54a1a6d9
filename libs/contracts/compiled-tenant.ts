import { z } from 'zod';
import { LocaleName, RoleRef, SecondFactorRule } from './tenant-spec.js';

const names = z.array(z.string()).readonly();
const opaque = z.string().regex(/^t_[a-z0-9]{16}$/);

const policy = {
  namedBy: z.enum(['manifest', 'tenant']),
  groupRoles: z.array(z.object({ group: z.string(), role: RoleRef })).readonly(),
  unmatchedGroups: z.enum(['member', 'refuse']),
  justInTime: z.boolean(),
  emailDomains: names,
  required: z.boolean(),
  signOut: z.enum(['here', 'everywhere']),
};
const attributeNames = z.object({ email: z.string(), name: z.string(), groups: z.string() });

const SamlSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('url'), url: z.string() }),
  z.object({ kind: z.literal('document'), xml: z.string() }),
  z.object({
    kind: z.literal('fields'),
    entityId: z.string(),
    signOnUrl: z.string(),
    signOutUrl: z.string().nullable(),
    certificates: names,
  }),
]);

const Sso = z.discriminatedUnion('type', [
  z.object({ type: z.literal('none') }),
  z.object({
    ...policy,
    type: z.literal('oidc'),
    issuer: z.string(),
    clientId: z.string(),
    clientSecretRef: z.object({ name: z.string(), key: z.string() }).nullable(),
    sealedSecret: z.string().nullable(),
    scopes: names,
    claims: attributeNames,
    recheckMinutes: z.int().optional(),
  }),
  z.object({
    ...policy,
    type: z.literal('saml'),
    source: SamlSource,
    attributes: attributeNames,
    idpInitiated: z.boolean(),
    encryption: z.enum(['optional', 'required']),
  }),
]);

const Profile = z.object({
  displayName: z.string(),
  ownerEmail: z.string(),
  branding: z.object({
    logo: z.string().nullable(),
    primaryColor: z.string().nullable(),
    greeting: z.string().nullable(),
    starters: names.nullable(),
    supportEmail: z.string().nullable(),
    locale: LocaleName.nullable(),
  }),
  sso: Sso.nullable(),
  security: z
    .object({
      secondFactor: SecondFactorRule.nullable(),
      sessions: z.object({
        idleMinutes: z.int().nullable(),
        absoluteHours: z.int().nullable(),
        adminIdleMinutes: z.int().nullable(),
        adminAbsoluteHours: z.int().nullable(),
      }),
    })
    // Rows of an operator that is older than this.
    .prefault({
      secondFactor: null,
      sessions: { idleMinutes: null, absoluteHours: null, adminIdleMinutes: null, adminAbsoluteHours: null },
    }),
  models: z.object({
    backends: z.array(z.object({ name: z.string() })).readonly(),
    discover: z.boolean().nullable(),
    found: names.nullable(),
    allow: names.nullable(),
    defaultModel: z.string().nullable(),
    fallback: names.nullable(),
    systemPrompt: z.string().nullable(),
    rateLimits: z
      .object({ rpm: z.int().nullable(), tpm: z.int().nullable(), concurrent: z.int().nullable() })
      .nullable(),
    monthlyMicroUsd: z.int().nullable(),
    hardStop: z.boolean().nullable(),
  }),
});

/**
 * A tenant's row of the directory as its own pods get it: the mounted file `tenant.json`. It has the shape of the
 * domain's `Tenant`. Fields that are not known are dropped, so that an older app reads a newer operator's file.
 */
export const CompiledTenant = z.object({
  id: z.uuid(),
  slug: z.string(),
  schema: opaque,
  role: opaque,
  shard: z.string(),
  state: z.enum(['provisioning', 'active', 'suspended', 'erasing']),
  epoch: z.int().min(1),
  revision: z.string(),
  hosts: names,
  manifest: Profile,
});
export type CompiledTenant = z.infer<typeof CompiledTenant>;

/** The mounted file `backends.json`: the ModelBackends that a tenant names. `spec` is the checked manifest's. */
export const CompiledBackends = z.array(z.object({ name: z.string(), revision: z.string(), spec: z.unknown() }));
export type CompiledBackends = z.infer<typeof CompiledBackends>;
