import pg from 'pg';
import type { TenantId } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Isolation } from '#libs/tenancy/ports/tenant-registry.js';
import { TenantDirectory } from '#libs/tenancy/ports/tenant-directory.js';
import { directoryChannel, fromTenantRow, selectTenants, type TenantRow } from './control-rows.js';
import { fromDatabase } from './database-errors.js';

/** How long an answer is believed without news; the writers' notice is what normally ends it. */
const believedMs = 60_000;
/** Unknown names that are remembered, so that a scan of host names cannot fill the memory. */
const mostAnswers = 10_000;

interface Answer {
  readonly tenant: Promise<Tenant | null>;
  readonly until: number;
}

/** The directory in the control database, with its answers kept in memory until a writer says that it changed. */
export class PostgresTenantDirectory extends TenantDirectory {
  private readonly answers = new Map<string, Answer>();
  private readonly listeners = new Set<() => void>();
  private listening: pg.Client | null = null;
  private closed = false;

  private readonly served: string;

  /** @param isolation tenants that this process serves; left out: all of them */
  constructor(
    private readonly pool: pg.Pool,
    private readonly url: string,
    isolation?: Isolation,
  ) {
    super();
    this.served = isolation === undefined ? 'true' : `t.isolation = '${isolation}'`;
  }

  /** Begins to hear of changes. While the database is away nothing is believed for longer than a minute. */
  async listen(): Promise<void> {
    const client = new pg.Client({ connectionString: this.url, keepAlive: true, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    client.on('notification', () => this.forget());
    client.on('end', () => {
      if (this.closed || this.listening !== client) return;
      this.forget();
      setTimeout(() => void this.listen().catch(() => undefined), 500).unref();
    });
    this.listening = client;
    try {
      await client.connect();
      await client.query(`listen ${directoryChannel}`);
      this.forget();
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  override doubt(id: TenantId): void {
    for (const [key, { tenant }] of this.answers)
      tenant.then(
        (known) => (known?.id === id ? this.answers.delete(key) : false),
        () => undefined,
      );
  }

  override onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.listening?.end().catch(() => undefined);
  }

  override byHost(host: string): Promise<Tenant | null> {
    return this.answer(
      `host:${host}`,
      `t.id = (select a.tenant_id from whisper_control.host_alias a where a.host = $1)`,
      host,
    );
  }

  override byId(id: TenantId): Promise<Tenant | null> {
    return this.answer(`id:${id}`, 't.id = $1', id);
  }

  override bySlug(slug: string): Promise<Tenant | null> {
    return this.answer(`slug:${slug}`, 't.slug = $1', slug);
  }

  override async list(): Promise<readonly Tenant[]> {
    try {
      const { rows } = await this.pool.query<TenantRow>(`${selectTenants(this.served)} order by t.slug`);
      return rows.map(fromTenantRow);
    } catch (error) {
      throw fromDatabase(error);
    }
  }

  private answer(key: string, where: string, value: string): Promise<Tenant | null> {
    const kept = this.answers.get(key);
    if (kept !== undefined && kept.until > Date.now()) return kept.tenant;
    const tenant = this.ask(where, value);
    if (this.answers.size >= mostAnswers) this.answers.clear();
    const answer = { tenant, until: Date.now() + believedMs };
    this.answers.set(key, answer);
    tenant.catch(() => {
      if (this.answers.get(key) === answer) this.answers.delete(key);
    });
    return tenant;
  }

  private async ask(where: string, value: string): Promise<Tenant | null> {
    try {
      const { rows } = await this.pool.query<TenantRow>(selectTenants(`${where} and ${this.served}`), [value]);
      const [row] = rows;
      return row === undefined ? null : fromTenantRow(row);
    } catch (error) {
      throw fromDatabase(error);
    }
  }

  private forget(): void {
    this.answers.clear();
    for (const listener of this.listeners) listener();
  }
}
