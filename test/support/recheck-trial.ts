import { expect } from '@jest/globals';
import pg from 'pg';
import { systemAbility } from '#libs/identity/domain/abilities.js';
import type { OidcProfile } from '#libs/tenancy/domain/sso-profile.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Browser } from './browser.js';
import { startFaces, type TestFaces } from './faces.js';
import { oidcProfile } from './sso-profiles.js';
import { until } from './until.js';

const minute = 60_000;
/** How often the provider is asked again, in minutes. */
export const recheckMinutes = 10;

/** What the database has of a session that is asked about again. */
interface KeptSession {
  readonly sso_refresh: string | null;
  readonly person_id: string;
}

/** Organisations whose provider is asked again, and a clock that can be turned. */
export class RecheckTrial {
  private constructor(
    readonly faces: TestFaces,
    private readonly database: pg.Client,
  ) {}

  static async start(): Promise<RecheckTrial> {
    const faces = await startFaces();
    const database = new pg.Client({ connectionString: faces.database.adminUrl });
    await database.connect();
    return new RecheckTrial(faces, database);
  }

  /** Where the provider sends the browsers of an organisation back to. */
  redirectUri(slug: string): string {
    return `http://${slug}.localhost:${this.faces.port}/api/sign-in/oidc/callback`;
  }

  organisation(slug: string, profile: Partial<OidcProfile> & Pick<OidcProfile, 'issuer'>): Promise<Tenant> {
    return this.faces.database.provision(slug, { sso: oidcProfile({ recheckMinutes, ...profile }) });
  }

  /** Puts another connection in force, as a change of the manifest does. */
  async change(tenant: Tenant, profile: OidcProfile): Promise<void> {
    const { slug, hosts, manifest } = tenant;
    const revision = `r-${Math.random()}`;
    const to = { slug, hosts, suspended: false, revision, profile: { ...manifest, sso: profile } };
    await this.faces.database.registry.apply(to);
    await until(async () => (await this.faces.database.directory.byId(tenant.id))?.revision === revision);
  }

  /** Lets time pass, then runs the job, as often as it would have run last. */
  async after(minutes: number, tenant: Tenant): Promise<void> {
    this.faces.clock.shiftMs += minutes * minute;
    await this.faces.identity.recheckSignIns(tenant.id);
  }

  /** Sends a browser to the provider by `pass`, and takes it back. */
  async enter(tenant: Tenant, pass: (browser: Browser, url: string) => Promise<string>): Promise<Browser> {
    const browser = this.faces.chat(tenant);
    const start = await browser.get('/api/sign-in/sso');
    const answer = await browser.get(await pass(browser, start.location ?? ''));
    expect(answer.status).toBe(302);
    expect(await this.isIn(browser)).toBe(true);
    return browser;
  }

  async isIn(browser: Browser): Promise<boolean> {
    return (await browser.get('/api/me')).status === 200;
  }

  /** The refresh token of the only session that has come from a provider, as it lies in the database. */
  async kept({ schema }: Tenant): Promise<KeptSession> {
    const { rows } = await this.database.query<KeptSession>(
      `select sso_refresh, person_id from ${schema}.session where sso_connection is not null`,
    );
    expect(rows).toHaveLength(1);
    return rows[0] ?? { sso_refresh: null, person_id: '' };
  }

  async putBack({ schema }: Tenant, sealed: string | null): Promise<void> {
    await this.database.query(`update ${schema}.session set sso_refresh = $1 where sso_connection is not null`, [
      sealed,
    ]);
  }

  /** Why sessions ended, or one of them, newest first. */
  async ends(tenant: Tenant, sessionId?: string): Promise<readonly string[]> {
    const filter = { action: 'session.end', outcome: null, cursor: null, limit: 50 };
    const page = await this.faces.database.sessions.run(tenant.id, ({ audit }) =>
      audit.page(filter, systemAbility('owner')),
    );
    return page.items
      .filter(({ target }) => sessionId === undefined || target === sessionId)
      .map(({ reason }) => reason ?? '');
  }

  async close(): Promise<void> {
    await this.database.end();
    await this.faces.close();
  }
}
