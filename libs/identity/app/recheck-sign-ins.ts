import type { AuditActor, AuditedRequest } from '#libs/governance/domain/audit-event.js';
import { describeError } from '#libs/kernel/errors.js';
import type { TenantId } from '#libs/kernel/ids.js';
import type { OidcProfile } from '#libs/tenancy/domain/sso-profile.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TenantDirectory } from '#libs/tenancy/ports/tenant-directory.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import { dueBefore, type RecheckedSession, recheckRuleOf, type RecheckRule, recheckState } from '../domain/recheck.js';
import type { OidcClient, OidcConnector, SsoRecheck } from '../ports/oidc-connector.js';
import type { IdentityParts } from './identity-parts.js';
import { providerInForce } from './provider-in-force.js';
import type { RefreshTokens } from './refresh-tokens.js';
import type { SsoClients } from './sso-clients.js';
import type { SsoEntry } from './sso-entry.js';

/** Most sessions in one run; ten times that a minute would be 300,000 an hour. */
const mostPerRun = 500;
/** How many questions are under way at once: enough to be done in time, and no burst for a provider. */
const lanes = 5;
/** No question begins later in a run than this, in ms, so that the next run finds this one over. */
const runMs = 20_000;
/** Nobody else asks about a session so soon, in ms: the four requests of one question have 5 s each. */
const askingMs = 30_000;

const noRequest: AuditedRequest = { address: null, requestId: null, session: null };
const provider: AuditActor = { kind: 'system', id: null, name: 'identity provider' };

interface RecheckWith {
  readonly entry: SsoEntry;
  readonly clients: SsoClients;
  readonly tokens: RefreshTokens;
  readonly oidc: OidcConnector;
  readonly profiles: TenantProfiles;
}

/** One run for one tenant. */
interface Run {
  readonly tenant: Tenant;
  readonly profile: OidcProfile;
  readonly rule: RecheckRule;
  readonly startedAt: Date;
  left: number;
}

/** The job `sso.recheck`: asks the identity provider again about people who are signed in, and ends sessions it denies. */
export class RecheckSignIns {
  constructor(
    private readonly parts: IdentityParts,
    private readonly directory: TenantDirectory,
    private readonly using: RecheckWith,
  ) {}

  async run(id: TenantId): Promise<void> {
    const tenant = await this.directory.byId(id);
    const profile = tenant === null ? null : await providerInForce(this.using.profiles, tenant);
    const rule = recheckRuleOf(profile);
    if (tenant === null || profile?.type !== 'oidc' || rule === null) return;
    const run: Run = { tenant, profile, rule, startedAt: this.parts.clock.now(), left: mostPerRun };
    await Promise.all(Array.from({ length: lanes }, () => this.lane(run)));
  }

  private async lane(run: Run): Promise<void> {
    const untilMs = run.startedAt.getTime() + runMs;
    while (run.left > 0 && this.parts.clock.now().getTime() < untilMs) {
      run.left -= 1;
      const session = await this.take(run);
      if (session === null) return;
      await this.look(run, session);
    }
  }

  private take({ tenant, rule }: Run): Promise<RecheckedSession | null> {
    const now = this.parts.clock.now();
    const wanted = { checkedBefore: dueBefore(rule, now), askedBefore: new Date(now.getTime() - askingMs) };
    return this.parts.sessions.run(tenant.id, ({ rechecks }) => rechecks.take(wanted, now));
  }

  private async look(run: Run, session: RecheckedSession): Promise<void> {
    const { tenant, profile, rule } = run;
    if (session.connection !== `oidc:${profile.issuer}`)
      return this.end(tenant, session, 'the connection is another one now');
    if (session.refreshToken === null) return this.end(tenant, session, 'the provider gave no refresh token');
    const answer = await this.ask(run, session, session.refreshToken);
    if (answer.kind === 'no') return this.end(tenant, session, answer.reason);
    if (answer.kind === 'yes') return this.follow(run, session, answer);
    if (recheckState(session.checkedAt, rule, this.parts.clock.now()) === 'overdue')
      return this.end(tenant, session, `no answer in time: ${answer.reason}`);
  }

  private async ask({ tenant, profile }: Run, session: RecheckedSession, sealed: string): Promise<SsoRecheck> {
    const { tokens, oidc } = this.using;
    let client: OidcClient | string;
    let refreshToken: string;
    try {
      refreshToken = tokens.open(tenant.id, session, sealed);
      client = await this.using.clients.oidcClient({ tenant, tenantHost: tenant.hosts[0] ?? tenant.slug }, profile);
    } catch (error) {
      return { kind: 'unanswered', reason: describeError(error) };
    }
    if (typeof client === 'string') return { kind: 'unanswered', reason: client };
    const keep = (next: string): Promise<void> =>
      this.parts.sessions.run(tenant.id, ({ rechecks }) =>
        rechecks.replace(session.id, sealed, tokens.seal(tenant.id, session, next)),
      );
    return oidc.recheck(client, { refreshToken, subject: session.subject, keep });
  }

  private async follow(
    { tenant, profile }: Run,
    session: RecheckedSession,
    { claims }: Extract<SsoRecheck, { readonly kind: 'yes' }>,
  ): Promise<void> {
    const refusal = claims === null ? null : await this.using.entry.followOn(tenant, profile, claims, session.personId);
    if (refusal !== null) return this.end(tenant, session, refusal);
    await this.parts.sessions.run(tenant.id, ({ rechecks }) => rechecks.answered(session.id, this.parts.clock.now()));
  }

  /** The admin pages' sessions of the same person end, too. */
  private async end(tenant: Tenant, { id, personId }: RecheckedSession, reason: string): Promise<void> {
    const now = this.parts.clock.now();
    const ended = await this.parts.sessions.run(tenant.id, async (stores) => {
      if (!(await stores.signInSessions.revoke(personId, id, now))) return [];
      const admin = await stores.signInSessions.revokeFace(personId, 'admin', now);
      await this.parts.audit.write(stores, noRequest, {
        action: 'session.end',
        target: id,
        reason: `asked again: ${reason}, of ${personId}`,
        actor: provider,
      });
      return [id, ...admin];
    });
    this.parts.notices.sessions(tenant.id, { ended });
  }
}
