import { AppError } from '#libs/kernel/errors.js';
import { keyIdFrom, keySecretFrom } from '../domain/api-key.js';
import { demand } from '../domain/rights.js';
import { type ScimToken, scimTokenPrefix } from '../domain/scim/scim-token.js';
import { secretBytes, tokenHash } from '../domain/token-hash.js';
import type { SignedInVisitor } from '../domain/visitor.js';
import type { TenantOrigins } from '../ports/tenant-origins.js';
import type { IdentityParts } from './identity-parts.js';

export interface ScimConnection {
  readonly baseUrl: string;
  readonly tokens: readonly ScimToken[];
  readonly people: number;
  readonly groups: number;
}

const dayMs = 86_400_000;

/** The connection of the organisation's directory: its address here, and the tokens it may use. */
export class ManageScim {
  constructor(
    private readonly parts: IdentityParts,
    private readonly origins: TenantOrigins,
  ) {}

  /** @throws {AppError} forbidden */
  async read(visitor: SignedInVisitor): Promise<ScimConnection> {
    demand(visitor.session.ability, 'read', 'scim');
    return this.parts.sessions.run(visitor.tenant.id, async (stores) => ({
      baseUrl: `${this.origins.at(visitor.tenantHost).chat}/scim/v2`,
      tokens: await stores.scimTokens.all(),
      people: await stores.directoryUsers.count(),
      groups: await stores.directoryGroups.count(),
    }));
  }

  /** @throws {AppError} forbidden, step_up_required */
  async createToken(
    visitor: SignedInVisitor,
    wanted: { readonly name: string; readonly expiresInDays: number },
  ): Promise<{ readonly token: ScimToken; readonly text: string }> {
    demand(visitor.session.ability, 'change', 'scim');
    await this.parts.stepUp.demand(visitor);
    const random = () => Buffer.from(this.parts.ids.secret(secretBytes), 'base64url');
    const createdAt = this.parts.clock.now();
    const token: ScimToken = {
      id: keyIdFrom(random()),
      name: wanted.name,
      createdBy: visitor.session.email,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + wanted.expiresInDays * dayMs),
      lastUsedAt: null,
      revokedAt: null,
    };
    const secret = keySecretFrom(random());
    await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      await stores.scimTokens.add(token, tokenHash(secret));
      await this.parts.audit.write(stores, visitor, { action: 'scim-token.create', target: token.id });
    });
    return { token, text: `${scimTokenPrefix(visitor.tenant.schema, token.id)}_${secret}` };
  }

  /** @throws {AppError} forbidden, not_found */
  async revokeToken(visitor: SignedInVisitor, id: string): Promise<void> {
    demand(visitor.session.ability, 'change', 'scim');
    await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const token = await stores.scimTokens.revoke(id, this.parts.clock.now());
      if (token === null) throw new AppError('not_found', 'There is no such token.');
      await this.parts.audit.write(stores, visitor, { action: 'scim-token.revoke', target: token.id });
    });
  }
}
