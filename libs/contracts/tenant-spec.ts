import { z } from 'zod';
import {
  celRules,
  HostName,
  listMapBy,
  manifestApiVersion,
  ManifestMetadata,
  ManifestName,
  ObjectName,
  SecretRef,
  WebAddress,
} from './manifest-parts.js';
import { SessionLimitSettings } from './session-limits.js';
import { DatabaseSettings, NetworkSettings, PlatformVersion, RingName } from './tenant-placement.js';
import { Autoscaling, Quotas } from './workload-settings.js';

export const systemRoles = ['owner', 'admin', 'auditor', 'billing', 'member'] as const;
export const RoleName = z.enum(systemRoles);
export type RoleName = z.infer<typeof RoleName>;
/** A role of the organisation's own, by its id. */
export const CustomRoleRef = z.templateLiteral(['role:', z.uuid()]);
/** Any role somebody may have. */
export const RoleRef = z.union([RoleName, CustomRoleRef]);
export type RoleRef = z.infer<typeof RoleRef>;

export const localeNames = ['en', 'de'] as const;
export const LocaleName = z.enum(localeNames);
export type LocaleName = z.infer<typeof LocaleName>;

export const HexColor = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'must be a colour like #0b6e4f');

/** A logo as a data URI of at most 64 KB. SVG is sanitised before it is served. */
export const LogoDataUri = z
  .string()
  .max(90_000, 'must be at most 64 KB of data')
  .regex(/^data:image\/(svg\+xml|png);base64,[A-Za-z0-9+/]+=*$/, 'must be a base64 data URI of an SVG or PNG image');

export const Branding = z
  .strictObject({
    logo: LogoDataUri.optional().describe('Logo, SVG or PNG, as a base64 data URI of at most 64 KB.'),
    primaryColor: HexColor.optional().describe('Accent colour; shifted until text on it is readable.'),
    greeting: z.string().min(1).max(200).optional().describe('Shown above the composer of an empty thread.'),
    starters: z.array(z.string().min(1).max(200)).max(4).optional().describe('Up to four first messages to pick from.'),
    supportEmail: z.email().max(254).optional().describe('Shown where somebody cannot get on alone.'),
    locale: LocaleName.optional().describe('Language where the browser asks for none that we have.'),
  })
  .describe('How the chat of this organisation looks.');
export type Branding = z.infer<typeof Branding>;

export const OidcSettings = z
  .strictObject({
    issuer: WebAddress.describe('Issuer URL; https, or http on loopback.'),
    clientId: z.string().min(1).max(256).describe('Client id at the identity provider.'),
    clientSecretRef: SecretRef.optional().describe('Client secret; left out for a public client.'),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]{1,64}$/))
      .max(16)
      .optional()
      .describe('Default: openid, email, profile.'),
    claims: z
      .strictObject({
        email: z.string().min(1).max(64).optional(),
        name: z.string().min(1).max(64).optional(),
        groups: z.string().min(1).max(64).optional(),
      })
      .optional()
      .describe('Claim names, where they differ from email, name and groups.'),
    recheckMinutes: z
      .int()
      .min(5)
      .max(1_440)
      .optional()
      .describe(
        'While somebody is signed in, the provider is asked again every so many minutes, with a refresh token, and their sessions end when it says no. Left out: it is not asked.',
      ),
  })
  .describe('OpenID Connect: code flow with PKCE.');
export type OidcSettings = z.infer<typeof OidcSettings>;

export const GroupRole = z.strictObject({
  group: z.string().min(1).max(256).describe('Value in the groups claim.'),
  role: RoleName.describe('Role of its members.'),
});

/** A certificate of an identity provider: PEM, or the base64 of its bytes as metadata documents write it. */
export const CertificateText = z
  .string()
  .min(200)
  .max(8_192)
  .regex(
    /^(-----BEGIN CERTIFICATE-----\s+)?[A-Za-z0-9+/=\s]+(-----END CERTIFICATE-----\s*)?$/,
    'must be a certificate in PEM form',
  );

export const SamlSettings = z
  .strictObject({
    metadataUrl: WebAddress.optional().describe('Metadata address of the identity provider; read anew every hour.'),
    metadata: z.string().min(100).max(65_536).optional().describe('The metadata document itself.'),
    identityProvider: z
      .strictObject({
        entityId: z.string().min(1).max(1_024).describe('Entity id of the identity provider.'),
        signOnUrl: WebAddress.describe('Where people are sent to sign in (HTTP-Redirect).'),
        signOutUrl: WebAddress.optional().describe('Where sign-outs are sent to (HTTP-Redirect).'),
        certificates: z
          .array(CertificateText)
          .min(1)
          .max(4)
          .describe('Signing certificates; two while one replaces the other.'),
      })
      .optional()
      .describe('What a metadata document would say, written out.'),
    attributes: z
      .strictObject({
        email: z.string().min(1).max(256).optional(),
        name: z.string().min(1).max(256).optional(),
        groups: z.string().min(1).max(256).optional(),
      })
      .optional()
      .describe('Attribute names, where they differ from email, name and groups.'),
    idpInitiated: z.boolean().optional().describe('Takes sign-ins that nobody here asked for. Default: false.'),
    encryption: z
      .enum(['optional', 'required'])
      .optional()
      .describe('Whether assertions must be encrypted. Default: optional.'),
  })
  .refine(
    (saml) => [saml.metadataUrl, saml.metadata, saml.identityProvider].filter((one) => one !== undefined).length === 1,
    { message: 'must have exactly one of metadataUrl, metadata and identityProvider' },
  )
  .meta(
    celRules({
      rule: '(has(self.metadataUrl) ? 1 : 0) + (has(self.metadata) ? 1 : 0) + (has(self.identityProvider) ? 1 : 0) == 1',
      message: 'must have exactly one of metadataUrl, metadata and identityProvider',
    }),
  )
  .describe('SAML 2.0: the identity provider answers by HTTP-POST.');
export type SamlSettings = z.infer<typeof SamlSettings>;

/** Whom an identity provider lets in, and as what. */
export const SsoPolicySettings = z.strictObject({
  groupRoleMap: z
    .array(GroupRole)
    .max(200)
    .optional()
    .describe('First match wins; without a match: see unmatchedGroups.'),
  unmatchedGroups: z
    .enum(['member', 'refuse'])
    .optional()
    .describe('What becomes of people whose groups fit no rule of groupRoleMap. Default: member.'),
  justInTime: z
    .boolean()
    .optional()
    .describe('Makes an account at the first sign-in. false: only people who are there already. Default: true.'),
  emailDomains: z
    .array(HostName)
    .max(50)
    .optional()
    .describe('New accounts only for e-mail addresses of these domains. Default: of any.'),
  required: z
    .boolean()
    .optional()
    .describe('No passwords but for owners, once a sign-in through the identity provider has succeeded.'),
  signOut: z
    .enum(['here', 'everywhere'])
    .optional()
    .describe('everywhere: signing out here ends the session at the identity provider, too. Default: here.'),
});
export type SsoPolicySettings = z.infer<typeof SsoPolicySettings>;

export const SsoSettings = z
  .strictObject({
    type: z
      .enum(['none', 'oidc', 'saml'])
      .describe('How people of this organisation sign in, beside local accounts. none: not at all.'),
    oidc: OidcSettings.optional().describe('OpenID Connect: code flow with PKCE.'),
    saml: SamlSettings.optional().describe('SAML 2.0: the identity provider answers by HTTP-POST.'),
    ...SsoPolicySettings.shape,
  })
  .refine((sso) => (sso.type === 'oidc') === (sso.oidc !== undefined), {
    path: ['oidc'],
    message: 'must be set when type is oidc, and only then',
  })
  .refine((sso) => (sso.type === 'saml') === (sso.saml !== undefined), {
    path: ['saml'],
    message: 'must be set when type is saml, and only then',
  })
  .meta(
    celRules(
      {
        rule: "(self.type == 'oidc') == has(self.oidc)",
        message: 'oidc must be set when type is oidc, and only then',
      },
      {
        rule: "(self.type == 'saml') == has(self.saml)",
        message: 'saml must be set when type is saml, and only then',
      },
    ),
  );
export type SsoSettings = z.infer<typeof SsoSettings>;

/** A model as callers name it: `<id>` or `<backend>/<id>`. */
export const ModelId = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@+-]*$/, 'must be a model id');

/** Dollars as a decimal text, so that no float ever holds money: `25` or `12.50`. */
export const UsdAmount = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,6})?$/, 'must be an amount in US dollars like "25" or "12.50"');

export const RateLimits = z.strictObject({
  rpm: z.int().min(1).max(1_000_000).optional().describe('Requests per minute.'),
  tpm: z.int().min(1).max(1_000_000_000).optional().describe('Tokens per minute, in and out.'),
  concurrent: z.int().min(1).max(10_000).optional().describe('Requests at the same time.'),
});

export const ModelSettings = z
  .strictObject({
    backends: z
      .array(
        z.strictObject({
          ref: ManifestName.describe('Name of a ModelBackend.'),
        }),
      )
      .max(64)
      .optional()
      .describe('The backends of this organisation.'),
    discover: z.boolean().optional().describe('Use model servers found on loopback without asking.'),
    allow: z.array(ModelId).max(64).optional().describe('Model ids that may be used; left out: all.'),
    default: ModelId.optional().describe('Model of a new conversation.'),
    fallback: z.array(ModelId).max(8).optional().describe('Tried in order when a model does not answer.'),
    systemPrompt: z.string().max(8_000).optional().describe('Goes before every conversation.'),
    rateLimits: RateLimits.optional().describe('Of the whole organisation; left out: none.'),
    budget: z
      .strictObject({
        monthlyUsd: UsdAmount.describe('US dollars, as text.'),
        hardStop: z.boolean().optional().describe('Refuse calls past it.'),
      })
      .optional()
      .describe('Spending of a UTC month.'),
  })
  .superRefine((models, context) => {
    const allowed = models.allow;
    if (allowed === undefined) return;
    if (models.default !== undefined && !allowed.includes(models.default))
      context.addIssue({ code: 'custom', path: ['default'], message: 'must be one of allow' });
    models.fallback?.forEach((model, index) => {
      if (!allowed.includes(model))
        context.addIssue({ code: 'custom', path: ['fallback', index], message: 'must be one of allow' });
    });
  })
  .meta(
    celRules(
      {
        rule: '!has(self.allow) || !has(self.default) || self.default in self.allow',
        message: 'default must be one of allow',
      },
      {
        rule: '!has(self.allow) || !has(self.fallback) || self.fallback.all(model, model in self.allow)',
        message: 'each fallback must be one of allow',
      },
    ),
  );
export type ModelSettings = z.infer<typeof ModelSettings>;

export const SecondFactorRule = z.enum(['optional', 'required']);

export const SecuritySettings = z
  .strictObject({
    secondFactor: SecondFactorRule.optional().describe(
      'Whether everybody who signs in without the identity provider must show a second factor; default: optional.',
    ),
    sessions: SessionLimitSettings.optional().describe('When people have to sign in again.'),
  })
  .describe('How sign-in is kept safe.');

export const TenantDomain = z.strictObject({
  host: HostName.describe('Host name of the chat; admin is at admin.<host>.'),
  primary: z.boolean().optional().describe('Links name this one.'),
  tlsSecretRef: z
    .strictObject({ name: ObjectName.describe('Name of the Secret, of type kubernetes.io/tls.') })
    .optional()
    .describe(
      'Certificate for host and admin.<host>, where an Ingress serves them; in the namespace of the operator, labelled with the tenant. Without meaning on one machine.',
    ),
});

const dedicatedOnly = ['replicas', 'autoscaling', 'quotas', 'network', 'hibernate'] as const;

/** What a platform team says about one organisation. A field left out may be set on the admin page. */
export const TenantSpec = z
  .strictObject({
    displayName: z.string().min(1).max(128).describe('Name of the organisation as people read it.'),
    owner: z
      .strictObject({ email: z.email().max(254).describe('E-mail address.') })
      .describe('The first owner; signs in by a one-time link.'),
    branding: Branding.optional(),
    domains: z
      .array(TenantDomain)
      .max(16)
      .refine((domains) => new Set(domains.map(({ host }) => host)).size === domains.length, 'each host only once')
      .meta({
        ...listMapBy('host'),
        ...celRules({
          rule: 'self.filter(domain, has(domain.primary) && domain.primary).size() <= 1',
          message: 'at most one domain may be primary',
        }),
      })
      .optional()
      .describe('Host names of the chat; <name>.localhost always works on one machine.'),
    isolation: z
      .enum(['dedicated', 'pooled'])
      .default('dedicated')
      .describe('Own workloads in a cluster, or the shared ones. Without meaning on one machine.'),
    database: DatabaseSettings.prefault({}),
    region: ManifestName.optional().describe(
      'Only shards of this region may hold the data. Without meaning on one machine.',
    ),
    platformVersion: PlatformVersion.optional().describe(
      'Stay at this version of the platform; left out: follow it, ring by ring. Without meaning on one machine.',
    ),
    ring: RingName.default('stable').describe(
      'Wave of an upgrade this one belongs to. Without meaning on one machine.',
    ),
    replicas: z
      .int()
      .min(0)
      .max(100)
      .optional()
      .describe(
        'Pods of the chat in place of an autoscaler of ours, for one of your own (`kubectl scale wt`). Without meaning on one machine.',
      ),
    autoscaling: Autoscaling.optional().describe('How many pods each app has. Without meaning on one machine.'),
    quotas: Quotas.optional().describe('Most that all pods may ask for. Without meaning on one machine.'),
    network: NetworkSettings.optional(),
    hibernate: z
      .strictObject({ enabled: z.boolean().describe('Run no pod until it is false again; the data stays.') })
      .optional()
      .describe('Sleep at the cost of no pod. Without meaning on one machine.'),
    deletionProtection: z
      .boolean()
      .default(true)
      .describe('The API server refuses to delete the object while it is true. Without meaning on one machine.'),
    sso: SsoSettings.optional().describe('Sign-in through an identity provider.'),
    security: SecuritySettings.optional(),
    models: ModelSettings.optional().describe('Models and limits.'),
    suspended: z.boolean().optional().describe('Serve nothing, delete nothing.'),
  })
  .refine((spec) => (spec.domains ?? []).filter((domain) => domain.primary === true).length <= 1, {
    path: ['domains'],
    message: 'at most one domain may be primary',
  })
  .superRefine((spec, context) => {
    if (spec.isolation !== 'pooled') return;
    for (const field of dedicatedOnly)
      if (spec[field] !== undefined)
        context.addIssue({ code: 'custom', path: [field], message: 'has no meaning for a pooled tenant; remove it' });
  })
  .meta(
    celRules(
      ...dedicatedOnly.map((field) => ({
        rule: `self.isolation != 'pooled' || !has(self.${field})`,
        message: `${field} has no meaning for a pooled tenant; remove it`,
      })),
      {
        rule: '!has(oldSelf.database.shard) || (has(self.database.shard) && self.database.shard == oldSelf.database.shard)',
        message: 'database.shard cannot be changed: a tenant stays on its shard',
      },
      {
        rule: '!has(oldSelf.region) || (has(self.region) && self.region == oldSelf.region)',
        message: 'region cannot be changed: the data would have to move',
      },
    ),
  );
export type TenantSpec = z.infer<typeof TenantSpec>;

/** The manifest of one organisation, the same on one machine and in a cluster. */
export const TenantManifest = z.strictObject({
  apiVersion: z.literal(manifestApiVersion),
  kind: z.literal('WhisperTenant'),
  metadata: ManifestMetadata,
  spec: TenantSpec,
});
export type TenantManifest = z.infer<typeof TenantManifest>;
