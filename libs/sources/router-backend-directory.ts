import { Agent, type Dispatcher, request } from 'undici';
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
    const asked = { audience: routerAudience, tenant, actor };
    const signal = deadline(timeoutMs);
    try {
      const token = await this.tokens.issue(asked, signal);
      const first = await this.ask(token, signal);
      if (first.statusCode !== 401) return await backendsOf(first);
      // The key of the token may be gone; a new one has one that is there.
      await first.body.dump();
      this.tokens.refused(token);
      return await backendsOf(await this.ask(await this.tokens.issue(asked, signal), signal));
    } catch (cause) {
      throw new AppError('backend_unavailable', 'The model router does not answer.', {
        action: 'Try again soon.',
        cause,
      });
    }
  }

  private ask(token: string, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    return request(`${this.internalUrl}${internalRoutes.backends}`, {
      dispatcher: this.agent,
      headers: { authorization: `Bearer ${token}` },
      signal,
    });
  }

  /** Ends its connections. */
  close(): Promise<void> {
    return this.agent.close();
  }
}

async function backendsOf({ statusCode, body }: Dispatcher.ResponseData): Promise<readonly BackendView[]> {
  const json: unknown = await body.json();
  if (statusCode !== 200) throw new TypeError(`the router answered ${statusCode}`);
  return listBackends.reply.parse(json).backends;
}
