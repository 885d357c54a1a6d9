import type { Origins } from '#libs/identity/domain/origin.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';

/** Builds and reads the addresses of tenants: chat at `<host>`, admin at `admin.<host>`. */
export class Addresses {
  /**
   * @param scheme of the public side
   * @param port of the public side, or null where it is the scheme's own
   * @param routerUrl base of the router's internal port, as `http://127.0.0.1:4781`
   */
  constructor(
    private readonly scheme: 'http' | 'https',
    private readonly port: number | null,
    readonly routerUrl: string,
  ) {}

  /** Origins of a tenant's faces at its primary host. */
  primary(tenant: Tenant): Origins {
    return this.at(tenant.hosts[0] ?? `${tenant.slug}.localhost`);
  }

  /** Origins at a host the browser named. */
  at(host: string): Origins {
    const port = this.port === null ? '' : `:${this.port}`;
    return { chat: `${this.scheme}://${host}${port}`, admin: `${this.scheme}://admin.${host}${port}` };
  }
}

/** The face and the tenant's host that a request's host name stands for. */
export function faceOf(host: string): { readonly face: 'chat' | 'admin'; readonly tenantHost: string } {
  return host.startsWith('admin.')
    ? { face: 'admin', tenantHost: host.slice('admin.'.length) }
    : { face: 'chat', tenantHost: host };
}
