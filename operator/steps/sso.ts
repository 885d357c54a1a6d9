import type { OidcConnector } from '#libs/identity/ports/oidc-connector.js';
import type { SamlConnector } from '#libs/identity/ports/saml-connector.js';
import type { OidcProfile, SamlProfile } from '#libs/tenancy/domain/sso-profile.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Finding } from '../conditions.js';
import type { SecretFile } from '../resources/render-input.js';
import type { TenantWork } from '../tenant-work.js';

const type = 'SSOConfigured';

/** How identity providers are asked. */
export interface SsoConnectors {
  readonly oidc: OidcConnector;
  readonly saml: Pick<SamlConnector, 'check'>;
}

/** Where the provider sends people back to; any host of the tenant shows whether a request can be made at all. */
function redirectUri({ hosts }: Tenant): string {
  return `https://${hosts[0] ?? 'localhost'}/api/sign-in/oidc/callback`;
}

/**
 * Whether people can be sent to the identity provider: what it says of itself is fetched and checked. One that was
 * fine for this manifest and is away now does not make the tenant unready: who is signed in stays so.
 */
export async function checkSso(
  work: TenantWork,
  compiled: Tenant | null,
  secrets: readonly SecretFile[],
  connectors: SsoConnectors,
): Promise<Finding> {
  const profile = compiled?.manifest.sso ?? null;
  if (work.spec.sso === undefined || work.spec.sso.type === 'none')
    return { type, status: 'True', reason: 'NotUsed', message: 'People sign in with local accounts.' };
  if (compiled === null || profile === null || profile.type === 'none')
    return { type, status: 'Unknown', reason: 'Waiting', message: 'The tenant has no place yet.' };
  if (profile.type === 'saml') return checkSaml(work, profile, connectors.saml);
  return checkOidc({ work, compiled, secrets }, profile, connectors.oidc);
}

async function checkOidc(
  of: { readonly work: TenantWork; readonly compiled: Tenant; readonly secrets: readonly SecretFile[] },
  profile: OidcProfile,
  connector: OidcConnector,
): Promise<Finding> {
  const { work, compiled, secrets } = of;
  const ref = profile.clientSecretRef;
  const secret = secrets.find(({ owner, name, key }) => owner === work.name && name === ref?.name && key === ref.key);
  if (ref !== null && secret === undefined)
    return {
      type,
      status: 'False',
      reason: 'SecretMissing',
      message: 'The client secret is missing: see SecretsReady.',
    };
  const client = { profile, secret: secret?.value ?? null, redirectUri: redirectUri(compiled) };
  const start = await connector.start(client, false);
  if (start.kind === 'redirect')
    return { type, status: 'True', reason: 'Discovered', message: `The issuer ${profile.issuer} is ready.` };
  const words = `The issuer ${profile.issuer} cannot be used: ${start.reason}.`;
  if (wasFine(work))
    return { type, status: 'True', reason: 'IssuerAway', message: `${words} It was fine before; it is tried again.` };
  const advice = 'Check spec.sso.oidc.issuer, and whether this cluster reaches it.';
  return { type, status: 'False', reason: 'IssuerUnusable', message: `${words} ${advice}` };
}

/** A document that came and is wrong or over is said at once; only one that does not come may come again. */
async function checkSaml(
  work: TenantWork,
  profile: SamlProfile,
  connector: Pick<SamlConnector, 'check'>,
): Promise<Finding> {
  // Looking at the provider needs neither our addresses nor our keys.
  const findings = await connector.check({ profile, entityId: '', acsUrl: '', singleLogoutUrl: '', keys: [] });
  const failed = findings.find(({ state }) => state === 'failed');
  if (failed === undefined) {
    const told = findings.filter(({ check, state }) => check === 'metadata' || state === 'warning');
    return { type, status: 'True', reason: 'MetadataRead', message: told.map(({ detail }) => `${detail}.`).join(' ') };
  }
  if (failed.detail.includes('metadata_unreachable') && wasFine(work))
    return { type, status: 'True', reason: 'MetadataAway', message: `${failed.detail}. It was fine before.` };
  const field = { url: 'metadataUrl', document: 'metadata', fields: 'identityProvider' }[profile.source.kind];
  return {
    type,
    status: 'False',
    reason: 'MetadataUnusable',
    message: `${failed.detail}. Check spec.sso.saml.${field}.`,
  };
}

function wasFine(work: TenantWork): boolean {
  const before = work.status.conditions?.find((condition) => condition.type === type);
  return before?.status === 'True' && before.observedGeneration === work.generation && before.reason !== 'NotUsed';
}
