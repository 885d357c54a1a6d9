import type { OidcConnector } from '#libs/identity/ports/oidc-connector.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Finding } from '../conditions.js';
import type { SecretFile } from '../resources/render-input.js';
import type { TenantWork } from '../tenant-work.js';

const type = 'SSOConfigured';

/** Where the provider sends people back to; any host of the tenant shows whether a request can be made at all. */
function redirectUri({ hosts }: Tenant): string {
  return `https://${hosts[0] ?? 'localhost'}/api/sign-in/oidc/callback`;
}

/**
 * Whether people can be sent to the identity provider: its discovery document is fetched and checked. One that was
 * fine for this manifest and is away now does not make the tenant unready: who is signed in stays so.
 */
export async function checkSso(
  work: TenantWork,
  compiled: Tenant | null,
  secrets: readonly SecretFile[],
  connector: OidcConnector,
): Promise<Finding> {
  const profile = compiled?.manifest.sso ?? null;
  if (work.spec.sso === undefined || work.spec.sso.type === 'none')
    return { type, status: 'True', reason: 'NotUsed', message: 'People sign in with local accounts.' };
  if (compiled === null || profile?.type !== 'oidc')
    return { type, status: 'Unknown', reason: 'Waiting', message: 'The tenant has no place yet.' };
  const ref = profile.clientSecretRef;
  const secret = secrets.find(({ owner, name, key }) => owner === work.name && name === ref?.name && key === ref.key);
  if (ref !== null && secret === undefined)
    return {
      type,
      status: 'False',
      reason: 'SecretMissing',
      message: 'The client secret is missing: see SecretsReady.',
    };
  const start = await connector.start({ profile, secret: secret?.value ?? null, redirectUri: redirectUri(compiled) });
  if (start.kind === 'redirect')
    return { type, status: 'True', reason: 'Discovered', message: `The issuer ${profile.issuer} is ready.` };
  const words = `The issuer ${profile.issuer} cannot be used: ${start.reason}.`;
  const before = work.status.conditions?.find((condition) => condition.type === type);
  if (before?.status === 'True' && before.observedGeneration === work.generation && before.reason !== 'NotUsed')
    return { type, status: 'True', reason: 'IssuerAway', message: `${words} It was fine before; it is tried again.` };
  const advice = 'Check spec.sso.oidc.issuer, and whether this cluster reaches it.';
  return { type, status: 'False', reason: 'IssuerUnusable', message: `${words} ${advice}` };
}
