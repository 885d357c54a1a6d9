import { pagePaths } from '#libs/contracts/page-paths.js';
import { endByLogoutToken, finishOidc } from '#libs/contracts/session-api.js';
import { samlPaths } from '#libs/contracts/saml-paths.js';
import type { SsoAddresses } from '#libs/contracts/sso-api.js';
import type { z } from 'zod';
import type { Addresses } from './addresses.js';

/** What an identity provider has to be told about a tenant. */
export class SsoPaths {
  constructor(private readonly addresses: Addresses) {}

  /** @param tenantHost the host the browser named: each of a tenant's hosts is a client of its own */
  at(tenantHost: string): z.infer<typeof SsoAddresses> {
    const { chat } = this.addresses.at(tenantHost);
    return {
      redirectUri: `${chat}${finishOidc.path}`,
      backChannelUri: `${chat}${endByLogoutToken.path}`,
      signOutUri: `${chat}${pagePaths.signIn}`,
      entityId: `${chat}${samlPaths.metadata}`,
      acsUrl: `${chat}${samlPaths.acs}`,
      singleLogoutUrl: `${chat}${samlPaths.singleLogout}`,
    };
  }
}
