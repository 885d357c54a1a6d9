import { z } from 'zod';

/** API group and version of every manifest kind. */
export const manifestApiVersion = 'whisperengine.ai/v1alpha1';

const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const hostName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/**
 * The twin of a refinement for the Kubernetes API server, which knows no zod. Each list and text that a rule reads
 * is bounded, or the API server refuses the definition for what the rule could cost.
 */
const celRules = (...rules: readonly { readonly rule: string; readonly message: string }[]) => ({
  'x-kubernetes-validations': rules,
});

const webAddress = celRules({ rule: "self.matches('^https?://')", message: 'must be an http or https URL' });

/** Name of a manifest object: an RFC 1123 label of at most 40 characters, since objects derived from it add to it. */
export const ManifestName = z
  .string()
  .max(40, 'must have at most 40 characters')
  .regex(dnsLabel, 'must be lower-case letters, digits and inner hyphens (RFC 1123)');

/** `name` and `key` of a secret: the file SECRETS/<tenant>/<name>/<key>, or a key of a Secret in a cluster. */
export const SecretRef = z
  .strictObject({
    name: z.string().regex(dnsLabel, 'must be an RFC 1123 label').describe('Folder of the secret.'),
    key: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens or underscores')
      .default('value')
      .describe('File of the secret.'),
  })
  .describe('Names a secret of this tenant.');
export type SecretRef = z.infer<typeof SecretRef>;

export const systemRoles = ['owner', 'admin', 'auditor', 'billing', 'member'] as const;
export const RoleName = z.enum(systemRoles);
export type RoleName = z.infer<typeof RoleName>;

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
    issuer: z
      .url({ protocol: /^https?$/ })
      .max(512)
      .meta(webAddress)
      .describe('Issuer URL; https, or http on loopback.'),
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
  })
  .describe('OpenID Connect: code flow with PKCE.');
export type OidcSettings = z.infer<typeof OidcSettings>;

export const GroupRole = z.strictObject({
  group: z.string().min(1).max(256).describe('Value in the groups claim.'),
  role: RoleName.describe('Role of its members.'),
});

export const SsoSettings = z
  .strictObject({
    type: z.enum(['none', 'oidc']).describe('How people of this organisation sign in, beside local accounts.'),
    oidc: OidcSettings.optional().describe('OpenID Connect: code flow with PKCE.'),
    groupRoleMap: z.array(GroupRole).max(200).optional().describe('First match wins; without a match: member.'),
  })
  .refine((sso) => (sso.type === 'oidc') === (sso.oidc !== undefined), {
    path: ['oidc'],
    message: 'must be set when type is oidc, and only then',
  })
  .meta(
    celRules({
      rule: "(self.type == 'oidc') == has(self.oidc)",
      message: 'oidc must be set when type is oidc, and only then',
    }),
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
          weight: z
            .int()
            .min(1)
            .max(100)
            .optional()
            .describe('Share beside other backends of the same model; not applied yet.'),
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
    weight: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('Share of a busy backend beside other tenants; not applied yet.'),
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

export const TenantDomain = z.strictObject({
  host: z
    .string()
    .max(253)
    .regex(hostName, 'must be a lower-case host name without a wildcard')
    .describe('Host name of the chat; admin is at admin.<host>.'),
  primary: z.boolean().optional().describe('Links name this one.'),
});

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
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['host'],
        ...celRules({
          rule: 'self.filter(domain, has(domain.primary) && domain.primary).size() <= 1',
          message: 'at most one domain may be primary',
        }),
      })
      .optional()
      .describe('Host names of the chat; <name>.localhost always works on one machine.'),
    isolation: z
      .enum(['dedicated', 'pooled'])
      .optional()
      .describe('Own workloads in a cluster, or the shared ones. Default: dedicated.'),
    sso: SsoSettings.optional().describe('Sign-in through an identity provider.'),
    models: ModelSettings.optional().describe('Models and limits.'),
    suspended: z.boolean().optional().describe('Serve nothing, delete nothing.'),
  })
  .refine((spec) => (spec.domains ?? []).filter((domain) => domain.primary === true).length <= 1, {
    path: ['domains'],
    message: 'at most one domain may be primary',
  });
export type TenantSpec = z.infer<typeof TenantSpec>;

const Metadata = z.object({
  name: ManifestName,
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

/** The manifest of one organisation, the same on one machine and in a cluster. */
export const TenantManifest = z.strictObject({
  apiVersion: z.literal(manifestApiVersion),
  kind: z.literal('WhisperTenant'),
  metadata: Metadata,
  spec: TenantSpec,
});
export type TenantManifest = z.infer<typeof TenantManifest>;

export const BackendModel = z.strictObject({
  id: ModelId.describe('Id at the backend.'),
  kind: z.enum(['chat', 'embeddings']).optional().describe('Default: chat.'),
  contextTokens: z.int().min(1).max(100_000_000).optional().describe('Size of its context.'),
  inputUsdPerMillion: UsdAmount.optional().describe('Price of a million tokens in; left out: 0.'),
  outputUsdPerMillion: UsdAmount.optional().describe('Price of a million tokens out; left out: 0.'),
});

export const BackendSpec = z.strictObject({
  provider: z
    .enum(['openai', 'vllm', 'ollama', 'demo'])
    .describe('Dialect; openai fits every OpenAI-compatible server.'),
  url: z
    .url({ protocol: /^https?$/ })
    .max(512)
    .meta(webAddress)
    .optional()
    .describe('Base URL up to and with /v1. Not for demo.'),
  apiKeySecretRef: SecretRef.optional().describe('Key of the backend; in SECRETS/backend-<name>/<name>/<key>.'),
  models: z.array(BackendModel).max(256).optional().describe('Left out: asked from the backend.'),
  maxConcurrent: z.int().min(1).max(10_000).optional().describe('Requests at the same time.'),
});
export type BackendSpec = z.infer<typeof BackendSpec>;

/** A server of models that tenants refer to by name. */
export const BackendManifest = z.strictObject({
  apiVersion: z.literal(manifestApiVersion),
  kind: z.literal('ModelBackend'),
  metadata: Metadata,
  spec: BackendSpec.refine((spec) => (spec.provider === 'demo') === (spec.url === undefined), {
    path: ['url'],
    message: 'must be set, except for provider demo',
  }).meta(
    celRules({
      rule: "(self.provider == 'demo') != has(self.url)",
      message: 'url must be set, except for provider demo',
    }),
  ),
});
export type BackendManifest = z.infer<typeof BackendManifest>;
