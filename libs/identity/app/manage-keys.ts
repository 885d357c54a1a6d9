import { longestKeyDays } from '#libs/contracts/key-limits.js';
import type { AuditActor, AuditedRequest } from '#libs/governance/domain/audit-event.js';
import { AppError } from '#libs/kernel/errors.js';
import type { UserId } from '#libs/kernel/ids.js';
import type { RateLimits, Tenant } from '#libs/tenancy/domain/tenant.js';
import { demand, demandFields, demandFor } from '../domain/rights.js';
import { type ApiKey, isUsable, keyFacts, keyIdFrom, keyPrefix, keySecretFrom } from '../domain/api-key.js';
import { changedKey, describeKeyChange, fieldsOfKeyChange, type KeyChange } from '../domain/key-change.js';
import { secretBytes, tokenHash } from '../domain/token-hash.js';
import type { SignedInVisitor } from '../domain/visitor.js';
import type { Page } from '../ports/people-store.js';
import { commandLine } from './audit-log.js';
import type { IdentityParts } from './identity-parts.js';

export interface WantedKey {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresInDays: number | null;
  readonly limits: RateLimits | null;
}

export interface CreatedKey {
  readonly key: ApiKey;
  /** The whole key; shown once and kept nowhere. */
  readonly text: string;
}

interface KeyMaker {
  readonly request: AuditedRequest;
  readonly actor?: AuditActor;
  readonly personId: UserId | null;
  readonly name: string;
}

const dayMs = 86_400_000;

/** API keys of an organisation. */
export class ManageKeys {
  constructor(private readonly parts: IdentityParts) {}

  /** Newest first. @throws {AppError} forbidden */
  async list(visitor: SignedInVisitor, page: { cursor: string | null; limit: number }): Promise<Page<ApiKey>> {
    demand(visitor.session.ability, 'read', 'key');
    return this.parts.sessions.run(visitor.tenant.id, ({ keys }) => keys.page(page, visitor.session.ability));
  }

  /** @throws {AppError} forbidden, step_up_required */
  async create(visitor: SignedInVisitor, wanted: WantedKey): Promise<CreatedKey> {
    demand(visitor.session.ability, 'change', 'key');
    const { personId, email, ability } = visitor.session;
    demandFor(ability, 'change', { subject: 'key', facts: keyFacts({ personId }) });
    await this.parts.stepUp.demand(visitor);
    return this.make(visitor.tenant, wanted, { request: visitor, personId, name: email });
  }

  /** A key of whoever runs the platform, with every scope and without an end. */
  createByCli(tenant: Tenant, name: string): Promise<CreatedKey> {
    const { request, actor } = commandLine;
    const wanted = { name, scopes: ['chat', 'embeddings', 'models'], expiresInDays: null, limits: null };
    return this.make(tenant, wanted, { request, actor, personId: null, name: actor.name });
  }

  /**
   * Another name, other limits or another end. What was used counts against the new limits, too.
   * @throws {AppError} forbidden, step_up_required, not_found, bad_request for an end that no key can have, conflict
   * for a key that is over
   */
  async change(visitor: SignedInVisitor, id: string, change: KeyChange): Promise<ApiKey> {
    const { ability } = visitor.session;
    const fields = fieldsOfKeyChange(change);
    demand(ability, 'change', 'key');
    demandFields(ability, 'key', fields);
    await this.parts.stepUp.demand(visitor);
    const now = this.parts.clock.now();
    refuseEnd(change.expiresAt ?? null, now);
    const key = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const before = await stores.keys.lock(id);
      if (before === null) throw noKey();
      demandFor(ability, 'change', { subject: 'key', facts: keyFacts(before), fields });
      refuseOver(before, now);
      const after = changedKey(before, change);
      const reason = describeKeyChange(before, after);
      if (reason === null) return before;
      await stores.keys.save(after);
      await this.parts.audit.write(stores, visitor, { action: 'key.change', target: id, reason });
      return after;
    });
    this.parts.notices.keys(visitor.tenant.id, [id]);
    return key;
  }

  /** @throws {AppError} forbidden, not_found */
  async revoke(visitor: SignedInVisitor, id: string): Promise<void> {
    demand(visitor.session.ability, 'change', 'key');
    await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const found = await stores.keys.find(id);
      if (found === null) throw noKey();
      demandFor(visitor.session.ability, 'change', { subject: 'key', facts: keyFacts(found.key) });
      const key = await stores.keys.revoke(id, this.parts.clock.now());
      if (key === null) throw noKey();
      await this.parts.audit.write(stores, visitor, { action: 'key.revoke', target: key.id });
    });
    this.parts.notices.keys(visitor.tenant.id, [id]);
  }

  private async make(tenant: Tenant, wanted: WantedKey, by: KeyMaker): Promise<CreatedKey> {
    const { key, secret } = this.newKey(wanted, by);
    await this.parts.sessions.run(tenant.id, async (stores) => {
      await stores.keys.add(key, tokenHash(secret));
      await this.parts.audit.write(stores, by.request, {
        action: 'key.create',
        target: key.id,
        reason: `scopes ${key.scopes.join(' ')}`,
        ...(by.actor === undefined ? {} : { actor: by.actor }),
      });
    });
    return { key, text: `${keyPrefix(tenant.schema, key.id)}_${secret}` };
  }

  private newKey(wanted: WantedKey, by: KeyMaker): { readonly key: ApiKey; readonly secret: string } {
    const createdAt = this.parts.clock.now();
    const random = () => Buffer.from(this.parts.ids.secret(secretBytes), 'base64url');
    const { name, scopes, expiresInDays, limits } = wanted;
    const key = {
      id: keyIdFrom(random()),
      name,
      scopes,
      limits,
      personId: by.personId,
      createdBy: by.name,
      createdAt,
      expiresAt: expiresInDays === null ? null : new Date(createdAt.getTime() + expiresInDays * dayMs),
      lastUsedAt: null,
      revokedAt: null,
    };
    return { key, secret: keySecretFrom(random()) };
  }
}

/** As far away as for a new key. */
function refuseEnd(expiresAt: Date | null, now: Date): void {
  if (expiresAt === null) return;
  const aheadMs = expiresAt.getTime() - now.getTime();
  const wrong = aheadMs <= 0 ? 'has passed already' : `is more than ${longestKeyDays} days ahead`;
  if (aheadMs <= 0 || aheadMs > longestKeyDays * dayMs)
    throw new AppError('bad_request', `The field expiresAt: this time ${wrong}.`, { field: 'expiresAt' });
}

function refuseOver(key: ApiKey, now: Date): void {
  if (isUsable(key, now)) return;
  const words = key.revokedAt === null ? 'has expired' : 'was revoked';
  throw new AppError('conflict', `This key ${words}; it stays as it is.`, { action: 'Make a new key.' });
}

function noKey(): AppError {
  return new AppError('not_found', 'There is nothing of this name.');
}
