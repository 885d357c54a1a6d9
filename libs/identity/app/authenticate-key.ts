import { AppError } from '#libs/kernel/errors.js';
import type { TenantId } from '#libs/kernel/ids.js';
import { SharedQuestions } from '#libs/kernel/shared-questions.js';
import { isServed, type Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TenantDirectory } from '#libs/tenancy/ports/tenant-directory.js';
import { isUsable, type PresentedKey, readKey } from '../domain/api-key.js';
import type { KeyIdentity } from '../domain/caller-identity.js';
import { seenEveryMs } from '../domain/sign-in-session.js';
import { sameHash, tokenHash, tokenName } from '../domain/token-hash.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import { KeyAuthenticator } from '../ports/key-authenticator.js';
import type { IdentityParts } from './identity-parts.js';
import { NoticeFollower } from './notice-follower.js';
import { ShortCache } from './short-cache.js';

interface Answer {
  readonly keyId: string;
  /** Null: the key does not fit. */
  readonly holder: Pick<KeyIdentity, 'personId' | 'scopes' | 'limits'> | null;
  readonly expiresAt: Date | null;
}

/** Finds tenant and rights behind an API key; answers, negative ones too, are kept for at most 4 s. */
export class AuthenticateKey extends KeyAuthenticator {
  private readonly cache: ShortCache<Answer>;
  private readonly questions = new SharedQuestions<Answer>();
  private readonly follower: NoticeFollower;
  private readonly tenantsByRef = new Map<string, TenantId>();

  constructor(
    private readonly parts: Pick<IdentityParts, 'sessions' | 'clock' | 'notices'>,
    private readonly directory: TenantDirectory,
  ) {
    super();
    this.cache = new ShortCache(parts.clock);
    this.follower = new NoticeFollower((tenant, noticed) =>
      parts.notices.onKeys(tenant, ({ keys }) => {
        noticed();
        this.questions.forget((name) => name.startsWith(`${tenant}:`));
        const others = new Set(keys);
        this.cache.drop((answer, key) => key.startsWith(`${tenant}:`) && others.has(answer.keyId));
      }),
    );
  }

  override async authenticate(presented: string, host: string | null): Promise<KeyIdentity> {
    const key = readKey(presented);
    const tenant = key === null ? null : await this.tenantOf(key, host);
    if (key === null || tenant === null) throw refused();
    const answer = await this.answer(tenant, key);
    const isOver = answer.expiresAt !== null && answer.expiresAt <= this.parts.clock.now();
    if (answer.holder === null || isOver) throw refused();
    return { tenant, keyId: key.keyId, ...answer.holder };
  }

  /** Stops to listen for changes and revocations. */
  close(): Promise<void> {
    return this.follower.close();
  }

  /** The served tenant that both the host and the key name. */
  private async tenantOf(key: PresentedKey, host: string | null): Promise<Tenant | null> {
    const tenant = host === null ? await this.byRef(key.tenantRef) : await this.directory.byHost(host);
    return tenant !== null && isServed(tenant) && tenant.schema === `t_${key.tenantRef}` ? tenant : null;
  }

  private async byRef(ref: string): Promise<Tenant | null> {
    const known = this.tenantsByRef.get(ref);
    if (known !== undefined) return this.directory.byId(known);
    const tenant = (await this.directory.list()).find(({ schema }) => schema === `t_${ref}`) ?? null;
    if (tenant !== null) this.tenantsByRef.set(ref, tenant.id);
    return tenant;
  }

  private answer(tenant: Tenant, key: PresentedKey): Answer | Promise<Answer> {
    const cacheKey = `${tenant.id}:${key.keyId}:${tokenName(key.secret)}`;
    const kept = this.cache.get(cacheKey);
    if (kept !== undefined) return kept;
    return this.questions.ask(cacheKey, () => this.lookUp(tenant, key, cacheKey));
  }

  private async lookUp(tenant: Tenant, key: PresentedKey, cacheKey: string): Promise<Answer> {
    const askedAt = this.parts.clock.now();
    const before = await this.follower.count(tenant.id);
    const answer = await this.parts.sessions.run(tenant.id, (stores) => lookUp(stores, key, askedAt));
    const isCurrent = before !== null && before === (await this.follower.count(tenant.id));
    if (isCurrent) this.cache.set(cacheKey, answer, askedAt);
    return answer;
  }
}

async function lookUp(stores: IdentityStores, presented: PresentedKey, now: Date): Promise<Answer> {
  const found = await stores.keys.find(presented.keyId);
  const fits =
    found !== null &&
    sameHash(found.secretHash, tokenHash(presented.secret)) &&
    isUsable(found.key, now) &&
    found.personState !== 'disabled';
  if (!fits) return { keyId: presented.keyId, holder: null, expiresAt: null };
  const { key } = found;
  const isStale = key.lastUsedAt === null || now.getTime() - key.lastUsedAt.getTime() >= seenEveryMs;
  if (isStale) await stores.keys.used(key.id, now);
  const { personId, scopes, limits, expiresAt } = key;
  return { keyId: key.id, holder: { personId, scopes, limits }, expiresAt };
}

/** The same words for every reason, so that nothing can be learnt from them. */
function refused(): AppError {
  return new AppError('invalid_api_key', 'This API key is not accepted here.');
}
