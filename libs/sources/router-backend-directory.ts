import { Agent, request } from 'undici';
import { type BackendView, listBackends } from '#libs/contracts/admin-api.js';
import { internalRoutes, routerAudience } from '#libs/contracts/router-api.js';
import { BackendDirectory } from '#libs/governance/ports/backend-directory.js';
import type { ServiceTokenIssuer } from '#libs/identity/ports/service-tokens.js';
import { deadline } from '#libs/kernel/abort.js';
import { AppError } from '#libs/kernel/errors.js';
import type { UserId } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';

/** The router asks each server itself, at most 5 s; twice that means the router is the trouble. */
const timeoutMs = 10_000;

/** Asks the router's internal face. */
export class RouterBackendDirectory extends BackendDirectory {
  private readonly agent = new Agent({ connections: 4 });

  /** @param internalUrl base of the internal port */
  constructor(
    private readonly internalUrl: string,
    private readonly tokens: ServiceTokenIssuer,
  ) {
    super();
  }

  override async list(tenant: Tenant, actor: UserId): Promise<readonly BackendView[]> {
    const token = await this.tokens.issue({ audience: routerAudience, tenant, actor });
    try {
      const { statusCode, body } = await request(`${this.internalUrl}${internalRoutes.backends}`, {
        dispatcher: this.agent,
        headers: { authorization: `Bearer ${token}` },
        signal: deadline(timeoutMs),
      });
      const json: unknown = await body.json();
      if (statusCode !== 200) throw new TypeError(`the router answered ${statusCode}`);
      return listBackends.reply.parse(json).backends;
    } catch (cause) {
      throw new AppError('backend_unavailable', 'The model router does not answer.', {
        action: 'Try again soon.',
        cause,
      });
    }
  }

  /** Ends its connections. */
  close(): Promise<void> {
    return this.agent.close();
  }
}
