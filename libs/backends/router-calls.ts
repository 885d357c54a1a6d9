import type { Dispatcher } from 'undici';
import { routerAudience } from '#libs/contracts/router-api.js';
import type { ServiceTokenIssuer } from '#libs/identity/ports/service-tokens.js';
import { AppError } from '#libs/kernel/errors.js';
import type { UserId } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';

/** For whom the router is asked. */
interface Asker {
  readonly tenant: Tenant;
  readonly person: UserId;
}

/** A call without its token. */
type RouterCall = Omit<Dispatcher.RequestOptions, 'headers'> & {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

/** Calls of the router's internal port, each with a service token. */
export class RouterCalls {
  constructor(
    private readonly pool: Dispatcher,
    private readonly tokens: ServiceTokenIssuer,
  ) {}

  /**
   * Asks, and once more with a new token where the router does not believe the first: its key may be gone.
   * @throws {AppError} backend_unavailable where nobody answers; else the reason of the signal
   */
  async ask(asker: Asker, call: RouterCall): Promise<Dispatcher.ResponseData> {
    const first = await this.token(asker, call.signal);
    const response = await this.send(call, first);
    if (response.statusCode !== 401) return response;
    await response.body.dump();
    this.tokens.refused(first);
    return this.send(call, await this.token(asker, call.signal));
  }

  private async token({ tenant, person }: Asker, signal: AbortSignal): Promise<string> {
    return this.tokens.issue({ audience: routerAudience, tenant, actor: person }, signal);
  }

  private send(call: RouterCall, token: string): Promise<Dispatcher.ResponseData> {
    const { signal } = call;
    return this.pool
      .request({ ...call, headers: { ...call.headers, authorization: `Bearer ${token}` } })
      .catch((cause: unknown) => {
        throw signal.aborted
          ? signal.reason
          : new AppError('backend_unavailable', 'The router cannot be reached.', { cause });
      });
  }
}
