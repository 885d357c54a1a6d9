import { samlPaths } from '#libs/contracts/saml-paths.js';
import type { TenantId } from '#libs/kernel/ids.js';
import type { OidcProfile, SamlProfile, SsoProfile } from '#libs/tenancy/domain/sso-profile.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Sealer } from '#libs/tenancy/ports/sealer.js';
import type { Secrets } from '#libs/tenancy/ports/secrets.js';
import type { SamlClient, SamlConnector, SamlSide } from '../ports/saml-connector.js';
import type { OidcClient, OidcConnector } from '../ports/oidc-connector.js';
import type {
  SsoAsked,
  SsoConnector,
  SsoFinding,
  SsoFinish,
  SsoSessionHint,
  SsoStart,
} from '../ports/sso-connector.js';
import type { TenantOrigins } from '../ports/tenant-origins.js';
import type { SamlKeyring } from './saml-keyring.js';

/** Where an OpenID Connect provider sends the browser back to, at the host it came from. */
export const oidcCallbackPath = '/api/sign-in/oidc/callback';

/** A connector with the tenant's own client in hand. */
export interface BoundConnector {
  start(isFresh: boolean): Promise<SsoStart>;
  check(): Promise<readonly SsoFinding[]>;
  finish(answer: string, asked: SsoAsked | null): Promise<SsoFinish>;
  signOutUrl(session: SsoSessionHint, returnUrl: string): Promise<string | null>;
}

interface SsoPorts {
  readonly oidc: OidcConnector;
  readonly saml: SamlConnector;
  readonly samlKeys: SamlKeyring;
  readonly secrets: Secrets;
  readonly origins: TenantOrigins;
  readonly sealerFor: (tenant: TenantId) => Sealer;
}

/** At which of its hosts a tenant meets its identity provider. */
export interface TenantAt {
  readonly tenant: Tenant;
  readonly tenantHost: string;
}

/** For what a client secret is sealed. */
export const clientSecretContext = 'sso.clientSecret';

/** Makes a tenant's clients at its identity provider: addresses, secrets, connector. */
export class SsoClients {
  constructor(private readonly ports: SsoPorts) {}

  /** A text says what is missing. */
  async bind(at: TenantAt, profile: SsoProfile): Promise<BoundConnector | string> {
    if (profile.type === 'saml') return bound(this.ports.saml, await this.samlClient(at, profile));
    const client = await this.oidcClient(at, profile);
    return typeof client === 'string' ? client : bound(this.ports.oidc, client);
  }

  /** What the tenant is to its SAML provider. */
  async samlClient(at: TenantAt, profile: SamlProfile): Promise<SamlClient> {
    return { ...(await this.samlSide(at)), profile };
  }

  /** The tenant's SAML metadata, which its provider needs before anything is set up here. */
  async samlMetadata(at: TenantAt): Promise<string> {
    return this.ports.saml.describe(await this.samlSide(at));
  }

  private async samlSide({ tenant, tenantHost }: TenantAt): Promise<SamlSide> {
    const { chat } = this.ports.origins.at(tenantHost);
    return {
      entityId: `${chat}${samlPaths.metadata}`,
      acsUrl: `${chat}${samlPaths.acs}`,
      singleLogoutUrl: `${chat}${samlPaths.singleLogout}`,
      keys: await this.ports.samlKeys.of(tenant.id),
    };
  }

  /** The tenant's client at its OpenID Connect provider; a text says what is missing. */
  async oidcClient({ tenant, tenantHost }: TenantAt, profile: OidcProfile): Promise<OidcClient | string> {
    const redirectUri = `${this.ports.origins.at(tenantHost).chat}${oidcCallbackPath}`;
    if (profile.sealedSecret !== null)
      return {
        profile,
        redirectUri,
        secret: this.ports.sealerFor(tenant.id).open(profile.sealedSecret, clientSecretContext),
      };
    const ref = profile.clientSecretRef;
    if (ref === null) return { profile, redirectUri, secret: null };
    const secret = await this.ports.secrets.read(tenant.slug, ref);
    return secret === null
      ? `client secret is not at ${this.ports.secrets.whereIs(tenant.slug, ref)}`
      : { profile, redirectUri, secret };
  }
}

function bound<Client>(connector: SsoConnector<Client>, client: Client): BoundConnector {
  return {
    start: (isFresh) => connector.start(client, isFresh),
    check: () => connector.check(client),
    finish: (answer, asked) => connector.finish(client, answer, asked),
    signOutUrl: (session, returnUrl) => connector.signOutUrl(client, session, returnUrl),
  };
}
