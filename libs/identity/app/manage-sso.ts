import { AppError } from '#libs/kernel/errors.js';
import { ssoFingerprint } from '#libs/tenancy/domain/sso-fingerprint.js';
import { identityProviderOf, type SsoProfile } from '#libs/tenancy/domain/sso-profile.js';
import type { EffectiveProfile } from '#libs/tenancy/domain/tenant.js';
import type { Sealer } from '#libs/tenancy/ports/sealer.js';
import type { TenantId } from '#libs/kernel/ids.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import { mergeProfile } from '#libs/tenancy/domain/settings.js';
import { demand, demandCovers } from '../domain/rights.js';
import type { SsoTest } from '../domain/sso-test.js';
import { secretBytes, tokenHash } from '../domain/token-hash.js';
import type { SignedInVisitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { SsoFinding } from '../ports/sso-connector.js';
import type { TenantOrigins } from '../ports/tenant-origins.js';
import type { IdentityParts } from './identity-parts.js';
import { abilityOfRole } from './role-abilities.js';
import { clientSecretContext, type SsoClients } from './sso-clients.js';

/** How long a test may take to begin and end, in ms. */
const testMs = 15 * 60_000;
/** How long what it has shown is kept, in ms. */
const testKeepMs = 24 * 60 * 60_000;

/** A connection as an admin has described it. */
export interface DescribedSso {
  readonly profile: SsoProfile;
  /** Null: the one that is known already, or a public client. */
  readonly clientSecret: string | null;
}

/** What is in force, and where it comes from. */
export interface SsoInForce {
  readonly source: 'manifest' | 'setting' | 'default';
  readonly profile: SsoProfile | null;
  readonly isProven: boolean;
  readonly passwordsFor: EffectiveProfile['passwordsFor'];
}

interface SsoManagement {
  readonly clients: SsoClients;
  readonly profiles: TenantProfiles;
  readonly origins: TenantOrigins;
  readonly sealerFor: (tenant: TenantId) => Sealer;
}

/** The wizard: an organisation's own people connect it to their identity provider, check it, test it, and switch it on. */
export class ManageSso {
  constructor(
    private readonly parts: IdentityParts,
    private readonly using: SsoManagement,
  ) {}

  /** @throws {AppError} forbidden */
  async read(visitor: SignedInVisitor): Promise<SsoInForce> {
    demand(visitor.session.ability, 'read', 'sso');
    return this.parts.sessions.run(visitor.tenant.id, (stores) => this.inForce(stores, visitor));
  }

  /**
   * Looks at a connection without signing anybody in.
   * @param described null: the one in force
   * @throws {AppError} forbidden, not_found when none is in force
   */
  async check(visitor: SignedInVisitor, described: DescribedSso | null): Promise<readonly SsoFinding[]> {
    demand(visitor.session.ability, 'change', 'sso');
    const profile = await this.complete(visitor, described);
    const connector = await this.using.clients.bind(visitor, profile);
    return typeof connector === 'string'
      ? [{ check: 'settings', state: 'failed', detail: connector }]
      : connector.check();
  }

  /**
   * Prepares one sign-in that opens no session.
   * @throws {AppError} forbidden, not_found when none is in force
   */
  async prepareTest(
    visitor: SignedInVisitor,
    described: DescribedSso | null,
  ): Promise<{ readonly test: SsoTest; readonly url: string }> {
    demand(visitor.session.ability, 'change', 'sso');
    const profile = await this.complete(visitor, described);
    const ticket = this.parts.ids.secret(secretBytes);
    const createdAt = this.parts.clock.now();
    const test: SsoTest = {
      id: this.parts.ids.next(),
      profile,
      createdBy: visitor.session.email,
      createdAt,
      beginsBefore: new Date(createdAt.getTime() + testMs),
      expiresAt: new Date(createdAt.getTime() + testKeepMs),
      outcome: null,
    };
    await this.parts.sessions.run(visitor.tenant.id, ({ ssoTests }) => ssoTests.add(test, tokenHash(ticket)));
    const { chat } = this.using.origins.at(visitor.tenantHost);
    return { test, url: `${chat}/api/sign-in/sso/test?ticket=${ticket}` };
  }

  /** @throws {AppError} forbidden, not_found */
  async readTest(visitor: SignedInVisitor, id: string): Promise<SsoTest> {
    demand(visitor.session.ability, 'change', 'sso');
    const test = await this.parts.sessions.run(visitor.tenant.id, ({ ssoTests }) => ssoTests.byId(id));
    if (test === null) throw new AppError('not_found', 'There is no such test.');
    return test;
  }

  /**
   * Puts a connection in force. One that leads elsewhere than the one in force needs a test of it that succeeded.
   * @throws {AppError} forbidden (also for rules that make owners, by somebody who is none), step_up_required, managed_by_manifest,
   * sso_untested
   */
  async save(visitor: SignedInVisitor, described: DescribedSso, testId: string | null): Promise<SsoInForce> {
    this.demandChange(visitor);
    await this.parts.stepUp.demand(visitor);
    const after = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      await this.demandRoles(stores, visitor, described.profile);
      const test = testId === null ? null : await stores.ssoTests.byId(testId);
      const before = await this.inForce(stores, visitor);
      const profile = this.withSecret(visitor, described, [test?.profile ?? null, before.profile]);
      refuseUntested(profile, before, test);
      await stores.settings.set('sso.connection', profile, visitor.session.email);
      await stores.settings.set('sso.proof', ssoFingerprint(profile), visitor.session.email);
      await this.parts.audit.write(stores, visitor, { action: 'sso.change', target: describe(profile) });
      return this.inForce(stores, visitor);
    });
    this.using.profiles.invalidate(visitor.tenant);
    return after;
  }

  /**
   * Takes the connection out of force. People who came through it stay, and need another way in.
   * @throws {AppError} forbidden, managed_by_manifest, step_up_required
   */
  async remove(visitor: SignedInVisitor): Promise<void> {
    this.demandChange(visitor);
    await this.parts.stepUp.demand(visitor);
    await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      await stores.settings.set('sso.connection', null, visitor.session.email);
      await stores.settings.set('sso.proof', null, visitor.session.email);
      await this.parts.audit.write(stores, visitor, { action: 'sso.remove' });
    });
    this.using.profiles.invalidate(visitor.tenant);
  }

  private demandChange(visitor: SignedInVisitor): void {
    const { ability } = visitor.session;
    demand(ability, 'change', 'sso');
    if (visitor.tenant.manifest.sso !== null)
      throw new AppError('managed_by_manifest', 'The manifest sets the identity provider.', { field: 'sso' });
  }

  /** The roles that the rules give, and those of people whom the directory has announced and who come in first by this. */
  private async demandRoles(stores: IdentityStores, visitor: SignedInVisitor, profile: SsoProfile): Promise<void> {
    const { ability, personId } = visitor.session;
    const given = profile.groupRoles.map(({ role }) => role);
    for (const role of new Set([...given, ...(await stores.directoryGroups.roles())]))
      demandCovers(ability, await abilityOfRole(stores, role, personId));
  }

  private async inForce(stores: IdentityStores, { tenant }: SignedInVisitor): Promise<SsoInForce> {
    const settings = await stores.settings.all();
    const { sso, passwordsFor } = mergeProfile(tenant.manifest, settings);
    const profile = identityProviderOf(sso);
    const isProven = profile !== null && settings.get('sso.proof') === ssoFingerprint(profile);
    const source = tenant.manifest.sso !== null ? 'manifest' : profile === null ? 'default' : 'setting';
    return { source, profile, isProven, passwordsFor };
  }

  private async complete(visitor: SignedInVisitor, described: DescribedSso | null): Promise<SsoProfile> {
    const { profile } = await this.parts.sessions.run(visitor.tenant.id, (stores) => this.inForce(stores, visitor));
    if (described !== null) return this.withSecret(visitor, described, [profile]);
    if (profile === null) throw new AppError('not_found', 'This organisation has no identity provider.');
    return profile;
  }

  /** The secret that was typed, else the one that is known for the very same client. */
  private withSecret(
    { tenant }: SignedInVisitor,
    { profile, clientSecret }: DescribedSso,
    known: readonly (SsoProfile | null)[],
  ): SsoProfile {
    if (profile.type !== 'oidc') return profile;
    if (clientSecret !== null)
      return { ...profile, sealedSecret: this.using.sealerFor(tenant.id).seal(clientSecret, clientSecretContext) };
    const same = known.find((one) => one !== null && ssoFingerprint(one) === ssoFingerprint(profile));
    return same?.type === 'oidc' ? { ...profile, sealedSecret: same.sealedSecret } : profile;
  }
}

function refuseUntested(profile: SsoProfile, before: SsoInForce, test: SsoTest | null): void {
  const fingerprint = ssoFingerprint(profile);
  const isSame = before.profile !== null && before.isProven && ssoFingerprint(before.profile) === fingerprint;
  const isTested = test?.outcome?.isSuccess === true && ssoFingerprint(test.profile) === fingerprint;
  if (isSame || isTested) return;
  throw new AppError('sso_untested', 'No test of this connection has succeeded yet.', { field: 'testId' });
}

function describe(profile: SsoProfile): string {
  if (profile.type === 'oidc') return `oidc ${profile.issuer} ${profile.clientId}`;
  const { source } = profile;
  if (source.kind === 'document') return 'saml by a metadata document';
  return `saml ${source.kind === 'url' ? source.url : source.entityId}`;
}
