import { pagePaths } from '#libs/contracts/page-paths.js';
import { linkLifetimeMs, type LinkPurpose, type OneTimeLink } from '../domain/one-time-link.js';
import type { Origins } from '../domain/origin.js';
import { secretBytes, tokenHash } from '../domain/token-hash.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { IdentityParts } from './identity-parts.js';

/** A link as it is shown once. */
export interface IssuedLink {
  readonly id: string;
  readonly url: string;
  readonly expiresAt: Date;
}

type LinkOrder = Pick<OneTimeLink, 'purpose' | 'email' | 'role' | 'personId' | 'createdBy'> &
  Partial<Pick<OneTimeLink, 'sessionId'>>;

/** Makes one-time links. Only a hash of the token is kept. */
export class LinkMaker {
  constructor(private readonly parts: Pick<IdentityParts, 'clock' | 'ids'>) {}

  async make(stores: IdentityStores, order: LinkOrder, origins: Origins): Promise<IssuedLink> {
    const createdAt = this.parts.clock.now();
    const expiresAt = new Date(createdAt.getTime() + linkLifetimeMs[order.purpose]);
    const token = this.parts.ids.secret(secretBytes);
    const id = this.parts.ids.next();
    const fresh = { sessionId: null, usedAt: null, revokedAt: null };
    await stores.links.add({ ...fresh, ...order, id, createdAt, expiresAt }, tokenHash(token));
    return { id, url: `${pageOf(order.purpose, origins)}#${token}`, expiresAt };
  }
}

function pageOf(purpose: LinkPurpose, origins: Origins): string {
  return purpose === 'handover' ? `${origins.admin}${pagePaths.enterAdmin}` : `${origins.chat}${pagePaths.link}`;
}
