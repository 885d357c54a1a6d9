import { AppError } from '#libs/kernel/errors.js';
import { pagesOf } from '../domain/abilities.js';
import type { OpenedSession } from '../domain/opened-session.js';
import { tokenHash } from '../domain/token-hash.js';
import type { SignedInVisitor, Visitor } from '../domain/visitor.js';
import type { TenantOrigins } from '../ports/tenant-origins.js';
import type { IdentityParts } from './identity-parts.js';
import type { LinkMaker } from './link-maker.js';
import { heldRole } from './role-abilities.js';
import { standingSession } from './session-limits.js';
import type { SessionOpener } from './session-opener.js';
import { linkInvalid } from './use-link.js';

/** Carries a person from the chat to the admin pages, which are another origin with a session of its own. */
export class AdminHandover {
  constructor(
    private readonly parts: IdentityParts,
    private readonly opener: SessionOpener,
    private readonly links: LinkMaker,
    private readonly origins: TenantOrigins,
  ) {}

  /**
   * A one-time address of the admin pages.
   * @throws {AppError} forbidden for a role without any admin page
   */
  async open(visitor: SignedInVisitor): Promise<string> {
    const { ability, email, personId, sessionId } = visitor.session;
    if (pagesOf(ability).length === 0) throw new AppError('forbidden', 'Your role opens no admin pages.');
    const order = { purpose: 'handover', email, role: null, personId, sessionId, createdBy: email } as const;
    const { url } = await this.parts.sessions.run(visitor.tenant.id, (stores) =>
      this.links.make(stores, order, this.origins.at(visitor.tenantHost)),
    );
    return url;
  }

  /**
   * Exchanges the hand-over for an admin session, which is as fresh as the chat session it comes from and does not
   * outlive its end.
   * @throws {AppError} link_invalid
   */
  async enter(visitor: Visitor, token: string): Promise<OpenedSession> {
    const opening = await this.parts.sessions.run(visitor.tenant.id, async (stores) => {
      const link = await stores.links.consume(tokenHash(token), ['handover'], this.parts.clock.now());
      const personId = link?.personId ?? null;
      const person = personId === null ? null : await stores.people.lock(personId);
      if (person?.state !== 'active') return null;
      const { ability } = await heldRole(stores, person);
      if (pagesOf(ability).length === 0) return null;
      // They may have left the chat meanwhile.
      const session = await standingSession(stores, visitor.tenant, link?.sessionId ?? null, this.parts.clock);
      if (session === null) return null;
      return this.opener.open(stores, visitor, person, {
        face: 'admin',
        method: 'handover',
        proofs: [],
        authenticatedAt: session.authenticatedAt,
        mostMs: session.expiresAt.getTime() - this.parts.clock.now().getTime(),
      });
    });
    if (opening !== null) return this.opener.publish(visitor, opening);
    this.parts.telemetry.signIn('handover', 'refused');
    await this.parts.audit.refuse(visitor.tenant.id, visitor, { action: 'link.use', reason: 'handover_not_possible' });
    throw linkInvalid();
  }
}
